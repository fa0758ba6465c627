// The decoder, as far as a browser needs it: a place in, 784 grey values out, in microseconds.

// Blends the four nearest of the images that the server decoded (SpriteSheet.paint in Python).
export class SheetDecoder {
  constructor(xs, ys, grey) {
    Object.assign(this, { xs, ys, grey, width: 28 * xs.length });
  }

  paint(x, y, out) {
    const [column, across] = lineBefore(this.xs, x);
    const [row, up] = lineBefore(this.ys, y);
    const { grey, width } = this;
    const weights = [(1 - up) * (1 - across), (1 - up) * across, up * (1 - across), up * across];
    for (let line = 0, i = 0; line < 28; line += 1) {
      let below = (28 * row + line) * width + 28 * column;
      let above = below + 28 * width;
      for (let end = i + 28; i < end; i += 1, below += 1, above += 1) {
        out[i] = weights[0] * grey[below] + weights[1] * grey[below + 28]
          + weights[2] * grey[above] + weights[3] * grey[above + 28];
      }
    }
    return out;
  }
}

// PCA decodes by a sum: the mean image, plus x times the first component, plus y times the second.
export class LinearDecoder {
  constructor(images) {
    [this.mean, this.first, this.second] = [0, 784, 1568].map((at) => images.subarray(at, at + 784));
  }

  paint(x, y, out) {
    const { mean, first, second } = this;
    for (let i = 0; i < 784; i += 1) out[i] = 255 * (mean[i] + x * first[i] + y * second[i]);
    return out;
  }
}

// Where the real decoder was not kept: the average of the digits nearest to a place, the nearer the
// heavier. No decoder could do better in mean squared error, if it knew as many digits.
export const AVERAGED = 12;

export class AverageDecoder {
  constructor(panel, digits) {
    Object.assign(this, { panel, digits });
    this.indices = new Int32Array(AVERAGED);
    this.distances = new Float64Array(AVERAGED);
  }

  // Fill `indices` with the nearest digits, nearest first; says how many there are.
  findNearest(x, y) {
    const { indices, distances } = this;
    const { places } = this.panel;
    distances.fill(Infinity);
    for (let i = 0; i < places.length / 2; i += 1) {
      const distance = (places[2 * i] - x) ** 2 + (places[2 * i + 1] - y) ** 2;
      if (distance >= distances[AVERAGED - 1]) continue;
      let at = AVERAGED - 1;
      for (; at > 0 && distances[at - 1] > distance; at -= 1) {
        [distances[at], indices[at]] = [distances[at - 1], indices[at - 1]];
      }
      [distances[at], indices[at]] = [distance, i];
    }
    return Math.min(AVERAGED, places.length / 2);
  }

  paint(x, y, out) {
    const count = this.findNearest(x, y);
    const edge = 1.01 * this.distances[count - 1] || 1;
    const sum = new Float32Array(784);
    let total = 0;
    for (let n = 0; n < count; n += 1) {
      const weight = 1 - this.distances[n] / edge; // the farthest fades out: no jump when it changes
      const digit = this.digits.subarray(784 * this.indices[n]);
      for (let i = 0; i < 784; i += 1) sum[i] += weight * digit[i];
      total += weight;
    }
    for (let i = 0; i < 784; i += 1) out[i] = sum[i] / (total || 1);
    return out;
  }
}

// The index of the grid line before `value`, and how far it is on the way to the next, 0 to 1.
function lineBefore(lines, value) {
  const last = lines.length - 2;
  if (value <= lines[0]) return [0, 0];
  if (value >= lines[last + 1]) return [last, 1];
  let [low, high] = [0, last];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (lines[middle] <= value) low = middle;
    else high = middle - 1;
  }
  return [low, (value - lines[low]) / (lines[low + 1] - lines[low])];
}

export const blank = () => new Uint8ClampedArray(784);

// Grey values onto a canvas, at the tile whose left upper corner is given.
const inkBuffer = typeof ImageData === "undefined" ? null : new ImageData(28, 28);
export function ink(context, grey, left = 0, top = 0) {
  const words = new Uint32Array(inkBuffer.data.buffer);
  for (let i = 0; i < 784; i += 1) words[i] = 0xff000000 | (grey[i] * 0x010101);
  context.putImageData(inkBuffer, left, top);
}
