// A drawing on a canvas, turned into what MNIST would have made of it: aecore/drawing.py, which says
// why, in the browser. Both take the same steps and are held together by a test.

const SIDE = 28; // pixels per side of an MNIST image
const BOX = 20; // pixels of the longer side of its ink
const LINE = 2.5; // width of its lines
const FINE = 8; // width is measured and changed on a grid this many times finer
const FAINTEST = 0.1;
const INKED = 0.5001; // edges are often 0.5 but for rounding: see aecore/drawing.py
const BLOB = 0.8;

/**
 * A grey picture: `data[row * width + column]`, 0 to 1.
 *
 * @typedef {{width: number, height: number, data: Float32Array}} Grey
 */

/**
 * Every step from a drawing to an MNIST image, or null for an empty canvas.
 *
 * @param {ImageData} rgba  white strokes on opaque black
 * @returns {{cropped: Grey, fitted: Grey, image: Float32Array} | null}
 */
export function prepare(rgba) {
  const ink = inkOf(rgba);
  if (!ink) return null;
  const cut = cropped(ink);
  const sideOnCanvas = (SIDE * longerSide(cut)) / longerSide(ink);
  const fine = resized(cut, BOX * FINE);
  const inked = fine.data.map((value) => (value > INKED ? 1 : 0));
  const width = lineWidth({ ...fine, data: inked });
  const fitted = width > BLOB * BOX // no lines to adjust: a dot keeps the size it has on the canvas
    ? resized(fine, Math.min(roundHalfEven(sideOnCanvas), BOX))
    : fit({ ...fine, data: inked }, width);
  return { cropped: fine, fitted, image: centred(fitted) };
}

const longerSide = ({ width, height }) => Math.max(width, height);

function inkOf({ width, height, data }) {
  const ink = new Float32Array(width * height);
  let strongest = 0;
  for (let i = 0; i < ink.length; i += 1) {
    const light = 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2];
    ink[i] = light / 255;
    if (ink[i] > strongest) strongest = ink[i];
  }
  if (strongest <= FAINTEST) return null;
  for (let i = 0; i < ink.length; i += 1) ink[i] /= strongest;
  return { width, height, data: ink };
}

// Lines made as wide as MNIST's, then scaled until the longer side has 20 pixels.
function fit(inked, width) {
  const scale = (BOX - LINE) / (BOX - width);
  const adjusted = grown(inked, ((LINE / scale - width) / 2) * FINE);
  return resized(cropped(adjusted), BOX);
}

// The usual width of the lines, in MNIST pixels: twice the distance to the edge along their middles.
function lineWidth(inked) {
  const { width, data: depth } = distances(padded(inked, 1), 0);
  const middles = [];
  for (let y = 0; y < inked.height; y += 1) {
    for (let x = 0; x < inked.width; x += 1) {
      const at = (y + 1) * width + x + 1;
      if (depth[at] > 0 && isPeak(depth, at, width)) middles.push(depth[at]);
    }
  }
  middles.sort((a, b) => a - b);
  const half = middles.length >> 1;
  const median = middles.length % 2 ? middles[half] : (middles[half - 1] + middles[half]) / 2;
  return (2 * median) / FINE;
}

function isPeak(depth, at, width) {
  for (let row = at - width; row <= at + width; row += width) {
    if (depth[row - 1] > depth[at] || depth[row] > depth[at] || depth[row + 1] > depth[at]) return false;
  }
  return true;
}

// The drawing grown on all sides by `distance` fine pixels (shrunk, if negative), antialiased; what
// shrinks away entirely keeps its core.
function grown(inked, distance) {
  const room = padded(inked, Math.ceil(Math.max(distance, 0)) + 2);
  const [depth, outside] = [distances(room, 0).data, distances(room, 1).data];
  let deepest = -Infinity;
  for (let i = 0; i < depth.length; i += 1) {
    const signed = depth[i] - outside[i];
    depth[i] = signed - Math.sign(signed) / 2; // the edge runs between pixels, not through their middles
    if (depth[i] > deepest) deepest = depth[i];
  }
  const by = Math.max(distance, 1 - deepest);
  const data = new Float32Array(depth.length);
  for (let i = 0; i < depth.length; i += 1) data[i] = Math.min(Math.max(depth[i] + by + 0.5, 0), 1);
  return { ...room, data };
}

function padded({ width, height, data }, room) {
  const wide = width + 2 * room;
  const all = new Float32Array(wide * (height + 2 * room));
  for (let y = 0; y < height; y += 1) {
    all.set(data.subarray(y * width, (y + 1) * width), (y + room) * wide + room);
  }
  return { width: wide, height: height + 2 * room, data: all };
}

// The distance of every pixel to the nearest one that holds `target`, exactly: along the columns
// first, then along the rows, where the nearest is found among parabolas that stand on each column
// (Felzenszwalb & Huttenlocher 2012).
function distances({ width, height, data }, target) {
  const squares = new Float64Array(width * height);
  const far = width + height;
  for (let x = 0; x < width; x += 1) {
    let away = far;
    for (let y = 0, at = x; y < height; y += 1, at += width) {
      away = data[at] === target ? 0 : away + 1;
      squares[at] = away;
    }
    away = far;
    for (let y = height - 1, at = y * width + x; y >= 0; y -= 1, at -= width) {
      away = data[at] === target ? 0 : away + 1;
      squares[at] = Math.min(squares[at], away) ** 2;
    }
  }
  const feet = new Int32Array(width);
  const from = new Float64Array(width + 1);
  const row = new Float64Array(width);
  const found = new Float64Array(width * height);
  for (let start = 0; start < found.length; start += width) {
    row.set(squares.subarray(start, start + width));
    let last = 0;
    [feet[0], from[0], from[1]] = [0, -Infinity, Infinity];
    for (let x = 1; x < width; x += 1) {
      let meet = -Infinity;
      for (; last >= 0; last -= 1) {
        const foot = feet[last];
        meet = (row[x] + x * x - row[foot] - foot * foot) / (2 * (x - foot));
        if (meet > from[last]) break;
      }
      last += 1;
      [feet[last], from[last], from[last + 1]] = [x, last ? meet : -Infinity, Infinity];
    }
    for (let x = 0, parabola = 0; x < width; x += 1) {
      while (from[parabola + 1] < x) parabola += 1;
      found[start + x] = Math.sqrt((x - feet[parabola]) ** 2 + row[feet[parabola]]);
    }
  }
  return { width, height, data: found };
}

// The part of `grey` from its first to its last inked row and column.
function cropped({ width, height, data }) {
  let [top, bottom, left, right] = [height, -1, width, -1];
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 1) {
      if (data[at] <= INKED) continue;
      if (y < top) top = y;
      bottom = y;
      if (x < left) left = x;
      if (x > right) right = x;
    }
  }
  const cut = { width: right - left + 1, height: bottom - top + 1 };
  cut.data = new Float32Array(cut.width * cut.height);
  for (let y = 0; y < cut.height; y += 1) {
    const from = (top + y) * width + left;
    cut.data.set(data.subarray(from, from + cut.width), y * cut.width);
  }
  return cut;
}

// `grey` scaled, its shape kept, until its longer side has `side` pixels: by averages over areas
// when it shrinks, by cubic curves when it grows, as Pillow does both.
function resized(grey, side) {
  const scale = Math.max(side, 1) / longerSide(grey);
  const [height, width] = [grey.height, grey.width].map((length) =>
    Math.max(roundHalfEven(length * scale), 1));
  const filter = scale < 1 ? AVERAGE : CUBIC;
  const across = resampledRows(grey, width, filter);
  const { data } = turned(resampledRows(turned(across), height, filter));
  return { width, height, data: data.map((value) => Math.min(Math.max(value, 0), 1)) };
}

const AVERAGE = { reach: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) };
const CUBIC = {
  reach: 2,
  weight: (signed) => {
    const x = Math.abs(signed);
    if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
    return x < 2 ? -0.5 * (((x - 5) * x + 8) * x - 4) : 0;
  },
};

function resampledRows({ width, height, data }, length, { reach, weight }) {
  const out = new Float32Array(length * height);
  const step = width / length;
  const stretch = Math.max(step, 1);
  for (let x = 0; x < length; x += 1) {
    const centre = (x + 0.5) * step;
    const first = Math.max(Math.trunc(centre - reach * stretch + 0.5), 0);
    const end = Math.min(Math.trunc(centre + reach * stretch + 0.5), width);
    const weights = [];
    for (let i = first; i < end; i += 1) weights.push(weight((i - centre + 0.5) / stretch));
    const total = weights.reduce((sum, each) => sum + each, 0);
    for (let y = 0; y < height; y += 1) {
      let sum = 0;
      for (let i = 0; i < weights.length; i += 1) sum += weights[i] * data[y * width + first + i];
      out[y * length + x] = sum / total;
    }
  }
  return { width: length, height, data: out };
}

function turned({ width, height, data }) {
  const out = new Float32Array(data.length);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 1) out[x * height + y] = data[at];
  }
  return { width: height, height: width, data: out };
}

// On an empty 28 x 28 image, moved by whole pixels until the centre of mass is in the middle.
function centred({ width, height, data }) {
  let [mass, down, right] = [0, 0, 0];
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 1) {
      mass += data[at];
      down += y * data[at];
      right += x * data[at];
    }
  }
  const top = Math.min(Math.max(roundHalfEven(SIDE / 2 - down / mass), 0), SIDE - height);
  const left = Math.min(Math.max(roundHalfEven(SIDE / 2 - right / mass), 0), SIDE - width);
  const image = new Float32Array(SIDE * SIDE);
  for (let y = 0; y < height; y += 1) {
    image.set(data.subarray(y * width, (y + 1) * width), (top + y) * SIDE + left);
  }
  return image;
}

// As Python rounds: halves to the even neighbour.
function roundHalfEven(value) {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 ? rounded - 1 : rounded;
}
