// A drawing on a canvas, turned into what MNIST would have made of it: aecore/drawing.py, which says
// why, in the browser. Both take the same steps and are held together by a test.

const SIDE = 28; // pixels per side of an MNIST image
const BOX = 20; // pixels of the longer side of its ink
const LINE = 2.5; // width of its lines
const FINE = 8; // width is measured and changed on a grid this many times finer
const FAINTEST = 0.1;
const INKED = 0.5001; // edges are often 0.5 but for rounding: see aecore/drawing.py
const BLOB = 0.8;
const ROOM = Math.ceil((FINE * LINE * BOX) / (BOX - LINE) / 2) + 2; // a hairline grows by less
const [BLACK] = new Uint32Array(new Uint8Array([0, 0, 0, 255]).buffer); // a pixel, as memory holds it

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
  const sideOnCanvas = (SIDE * longerSide(cut)) / longerSide(rgba);
  const fine = resized(cut, BOX * FINE);
  const depth = depths(inkIn(fine));
  const width = lineWidth(depth);
  const fitted = width > BLOB * BOX // no lines to adjust: a dot keeps the size it has on the canvas
    ? resized(fine, Math.min(roundHalfEven(sideOnCanvas), BOX))
    : fit(depth, width);
  return { cropped: fine, fitted, image: centred(fitted) };
}

const longerSide = ({ width, height }) => Math.max(width, height);

// The part of the canvas that holds all ink, the strongest at 1; null if there is none.
function inkOf({ width, height, data }) {
  const pixels = new Uint32Array(data.buffer, data.byteOffset, width * height);
  const box = boxOf(width, height, (at) => pixels[at] !== BLACK);
  if (!box) return null;
  const ink = { width: box.right - box.left + 1, height: box.bottom - box.top + 1 };
  ink.data = new Float32Array(ink.width * ink.height);
  let strongest = 0;
  for (let y = 0, at = 0; y < ink.height; y += 1) {
    const start = (box.top + y) * width + box.left;
    for (let pixel = start; pixel < start + ink.width; pixel += 1, at += 1) {
      if (pixels[pixel] === BLACK) continue;
      const from = 4 * pixel;
      const light = 0.299 * data[from] + 0.587 * data[from + 1] + 0.114 * data[from + 2];
      ink.data[at] = light / 255;
      if (ink.data[at] > strongest) strongest = ink.data[at];
    }
  }
  if (strongest <= FAINTEST) return null;
  for (let i = 0; i < ink.data.length; i += 1) ink.data[i] /= strongest;
  return ink;
}

// The first and last rows and columns with a pixel that counts, or null if there is none.
function boxOf(width, height, counts) {
  const box = { top: height, bottom: -1, left: width, right: -1 };
  for (let y = 0; y < height; y += 1) {
    const row = y * width;
    let [left, right] = [0, width - 1];
    while (left < width && !counts(row + left)) left += 1;
    if (left === width) continue;
    while (!counts(row + right)) right -= 1;
    if (box.bottom < 0) box.top = y;
    box.bottom = y;
    box.left = Math.min(box.left, left);
    box.right = Math.max(box.right, right);
  }
  return box.bottom < 0 ? null : box;
}

// Where there is ink, and no more than that, with room around it for lines that grow.
function inkIn({ width, height, data }) {
  const wide = width + 2 * ROOM;
  const inked = new Uint8Array(wide * (height + 2 * ROOM));
  for (let y = 0, at = 0; y < height; y += 1) {
    const to = (y + ROOM) * wide + ROOM;
    for (let x = 0; x < width; x += 1, at += 1) if (data[at] > INKED) inked[to + x] = 1;
  }
  return { width: wide, height: height + 2 * ROOM, data: inked };
}

// Lines made as wide as MNIST's, then scaled until the longer side has 20 pixels.
function fit(depth, width) {
  const scale = (BOX - LINE) / (BOX - width);
  const adjusted = grown(depth, ((LINE / scale - width) / 2) * FINE);
  return resized(cropped(adjusted), BOX);
}

// The usual width of the lines, in MNIST pixels: twice the distance to the edge along their middles.
function lineWidth({ width, data: depth }) {
  const middles = [];
  for (let at = 0; at < depth.length; at += 1) {
    if (depth[at] > 0 && isPeak(depth, at, width)) middles.push(depth[at]);
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
// shrinks away entirely keeps its core. Its edge runs between pixels, half a one from their middles.
function grown({ width, height, data: depth }, distance) {
  let deepest = 0;
  for (let i = 0; i < depth.length; i += 1) if (depth[i] > deepest) deepest = depth[i];
  const by = Math.max(distance, 1.5 - deepest);
  const data = new Float32Array(depth.length);
  for (let i = 0; i < data.length; i += 1) {
    data[i] = Math.min(Math.max(depth[i] + by + (depth[i] > 0 ? 0 : 1), 0), 1);
  }
  return { width, height, data };
}

// How far the nearest pixel without ink is from every one with ink, exactly, and less than 0 the
// other way round: along the columns first, then along the rows, where the nearest is found among
// parabolas that stand on each column (Felzenszwalb & Huttenlocher 2012). Nothing beyond the first
// pixel of the other kind can be nearer than that, so that every run of one kind is for itself.
function depths({ width, height, data }) {
  const squares = squaresAlongColumns(width, height, data);
  const found = new Float32Array(width * height);
  const [feet, from, heights] = [new Int32Array(width), new Float64Array(width + 1), new Float64Array(width)];
  for (let row = 0; row < found.length; row += width) {
    for (let start = 0, end = 0; start < width; start = end) {
      const kind = data[row + start];
      for (; end < width && data[row + end] === kind; end += 1) heights[end] = squares[row + end];
      const [first, beyond] = [Math.max(start - 1, 0), Math.min(end + 1, width)];
      if (first < start) heights[first] = 0;
      if (end < beyond) heights[end] = 0;
      findLowest(heights, first, beyond, feet, from);
      for (let x = start, parabola = 0; x < end; x += 1) {
        while (from[parabola + 1] < x) parabola += 1;
        const aside = x - feet[parabola];
        const away = Math.sqrt(aside * aside + heights[feet[parabola]]);
        found[row + x] = kind ? away : -away;
      }
    }
  }
  return { width, height, data: found };
}

// Which of the parabolas that stand on the columns from `first` to before `beyond` is the lowest
// where: the one on the column feet[n] between from[n] and from[n + 1].
function findLowest(heights, first, beyond, feet, from) {
  let last = 0;
  feet[0] = first;
  from[0] = -Infinity;
  for (let x = first + 1; x < beyond; x += 1) {
    const top = heights[x] + x * x;
    let meet = -Infinity;
    for (; last >= 0; last -= 1) {
      const foot = feet[last];
      meet = (top - heights[foot] - foot * foot) / (2 * (x - foot));
      if (meet > from[last]) break;
    }
    last += 1;
    feet[last] = x;
    from[last] = last ? meet : -Infinity;
  }
  from[last + 1] = Infinity;
}

// The square of every pixel's distance to the nearest one of the other kind in its column.
function squaresAlongColumns(width, height, data) {
  const far = width + height;
  const squares = new Float32Array(data.length);
  for (let x = 0; x < width; x += 1) {
    let away = far;
    for (let at = x, kind = data[x]; at < data.length; at += width) {
      away = data[at] === kind ? away + 1 : 1;
      kind = data[at];
      squares[at] = away;
    }
    away = far;
    for (let at = data.length - width + x, kind = data[at]; at >= 0; at -= width) {
      away = data[at] === kind ? away + 1 : 1;
      kind = data[at];
      const nearest = Math.min(squares[at], away);
      squares[at] = nearest * nearest;
    }
  }
  return squares;
}

// The part of `grey` from its first to its last inked row and column.
function cropped({ width, height, data }) {
  const { top, bottom, left, right } = boxOf(width, height, (at) => data[at] > INKED);
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
  const across = new Float32Array(width * grey.height);
  const data = new Float32Array(width * height);
  resample(grey.data, across, [grey.width, width], grey.height, [1, 1], [grey.width, width], filter);
  resample(across, data, [grey.height, height], width, [width, width], [1, 1], filter);
  for (let i = 0; i < data.length; i += 1) data[i] = Math.min(Math.max(data[i], 0), 1);
  return { width, height, data };
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

// Every line of `given` scaled from one length to another into `out`. Of both, first for `given`:
// the lengths, how far it is from a pixel of a line to the next, and from a line to the next.
function resample(given, out, [length, scaled], lines, [pixel, outPixel], [line, outLine], { reach, weight }) {
  const step = length / scaled;
  const stretch = Math.max(step, 1);
  for (let x = 0; x < scaled; x += 1) {
    const centre = (x + 0.5) * step;
    const first = Math.max(Math.trunc(centre - reach * stretch + 0.5), 0);
    const end = Math.min(Math.trunc(centre + reach * stretch + 0.5), length);
    const weights = [];
    for (let i = first; i < end; i += 1) weights.push(weight((i - centre + 0.5) / stretch));
    const total = weights.reduce((sum, each) => sum + each, 0);
    for (let n = 0; n < lines; n += 1) {
      let sum = 0;
      let from = n * line + first * pixel;
      for (let i = 0; i < weights.length; i += 1, from += pixel) sum += weights[i] * given[from];
      out[n * outLine + x * outPixel] = sum / total;
    }
  }
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
