// The forward pass of an autoencoder, layer by layer, as aecore/networks.py describes it.
// It is checked against ONNX Runtime, which answers on the server.

/**
 * One layer. Maps are kept channels last: the value of channel c at row y, column x of maps
 * [height, width, channels] stands at (y * width + x) * channels + c.
 *
 * @typedef {object} Layer
 * @property {"flatten"|"reshape"|"dense"|"conv"|"pool"|"upsample"} kind
 * @property {number[]} inputShape  what goes in, without the batch: [784], [14, 14, 32]
 * @property {number[]} shape       what comes out
 * @property {"linear"|"relu"|"sigmoid"} activation
 * @property {Float32Array} [kernel]  dense: [inputs, outputs]; conv: [3, 3, channels in, channels out]
 * @property {Float32Array} [bias]    one number an output or a channel
 */

/**
 * The values after every layer, for one input.
 *
 * @param {Layer[]} layers
 * @param {Float32Array} input
 * @returns {Float32Array[]}
 */
export function forward(layers, input) {
  const values = [];
  layers.forEach((layer, number) => {
    const before = number ? values[number - 1] : input;
    if (layer.kind === "conv" && layers[number - 1]?.kind === "upsample") {
      const small = number > 1 ? values[number - 2] : input;
      values.push(activate(layer, convolveUpsampled(layer, small)));
    } else {
      values.push(activate(layer, LAYERS[layer.kind](layer, before)));
    }
  });
  return values;
}

/**
 * An image's way through an autoencoder; the reconstruction is clipped to [0, 1].
 *
 * @param {{encoder: Layer[], decoder: Layer[]}} network
 * @param {Float32Array} image  784 values in [0, 1]
 * @returns {{code: Float32Array, reconstruction: Float32Array, encoderValues: Float32Array[],
 *   decoderValues: Float32Array[]}}
 */
export function reconstruct(network, image) {
  const encoderValues = forward(network.encoder, image);
  const code = encoderValues.at(-1);
  const { reconstruction, decoderValues } = decode(network, code);
  return { code, reconstruction, encoderValues, decoderValues };
}

/** The second half of it: from a code to an image. */
export function decode(network, code) {
  const decoderValues = forward(network.decoder, code);
  const reconstruction = decoderValues.at(-1).map((value) => Math.min(Math.max(value, 0), 1));
  return { reconstruction, decoderValues };
}

const LAYERS = {
  flatten: (layer, input) => input, // the order of the numbers stays
  reshape: (layer, input) => input,
  dense,
  conv: convolve,
  pool,
  upsample,
};

function activate({ activation }, values) {
  if (activation === "relu") {
    for (let i = 0; i < values.length; i += 1) if (values[i] < 0) values[i] = 0;
  } else if (activation === "sigmoid") {
    for (let i = 0; i < values.length; i += 1) values[i] = 1 / (1 + Math.exp(-values[i]));
  }
  return values;
}

// Each output is its bias plus every input times a weight. Inputs that are 0, most pixels of a
// digit and half of what a relu lets through, are passed over; four others are taken at a time.
function dense({ inputShape: [inputs], shape: [outputs], kernel, bias }, input) {
  const sums = Float32Array.from(bias);
  const active = [];
  for (let i = 0; i < inputs; i += 1) if (input[i] !== 0) active.push(i);
  const fours = active.length - (active.length % 4);
  for (let n = 0; n < fours; n += 4) {
    const [i, j, k, l] = [active[n], active[n + 1], active[n + 2], active[n + 3]];
    const [a, b, c, d] = [input[i], input[j], input[k], input[l]];
    let [p, q, r, s] = [i * outputs, j * outputs, k * outputs, l * outputs];
    for (let o = 0; o < outputs; o += 1, p += 1, q += 1, r += 1, s += 1) {
      sums[o] += a * kernel[p] + b * kernel[q] + c * kernel[r] + d * kernel[s];
    }
  }
  for (const i of active.slice(fours)) {
    for (let o = 0; o < outputs; o += 1) sums[o] += input[i] * kernel[i * outputs + o];
  }
  return sums;
}

// Each output pixel sees the 3 x 3 pixels around its own place, in every map.
function convolve({ inputShape, shape, kernel, bias }, input) {
  const out = new Float32Array(volume(shape));
  const patch = new Patch(input, inputShape, shape[2]);
  const [height, width, outputs] = shape;
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += outputs) {
      patch.gather(y - 1, x - 1, 3);
      patch.weigh(kernel, bias, out, at);
    }
  }
  return out;
}

// After upsampling, pixels are equal in twos: the 3 x 3 weights meet only 2 x 2 different pixels of
// the maps before it, so that weights which meet the same pixel are added up first. That takes 4
// multiplications where there were 9.
function convolveUpsampled(layer, small) {
  const { shape, bias } = layer;
  const [height, width, outputs] = shape;
  const out = new Float32Array(volume(shape));
  const patch = new Patch(small, [height / 2, width / 2, layer.inputShape[2]], outputs);
  const kernels = mergedKernels(layer);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += outputs) {
      const [odd, right] = [y % 2, x % 2];
      patch.gather((y >> 1) - 1 + odd, (x >> 1) - 1 + right, 2);
      patch.weigh(kernels[2 * odd + right], bias, out, at);
    }
  }
  return out;
}

const MERGED = new WeakMap(); // kernel → its four merged kernels, made once

// Four kernels [2, 2, channels in, channels out]: for even and odd rows, even and odd columns.
function mergedKernels({ inputShape: [, , inputs], shape: [, , outputs], kernel }) {
  if (MERGED.has(kernel)) return MERGED.get(kernel);
  const size = inputs * outputs;
  const meets = [[0, 1, 1], [0, 0, 1]]; // which of the two pixels each of the three weights meets
  const merged = [0, 1, 2, 3].map((phase) => {
    const sum = new Float32Array(4 * size);
    for (let tap = 0; tap < 9; tap += 1) {
      const row = meets[phase >> 1][Math.floor(tap / 3)];
      const column = meets[phase % 2][tap % 3];
      for (let i = 0; i < size; i += 1) sum[(2 * row + column) * size + i] += kernel[tap * size + i];
    }
    return sum;
  });
  MERGED.set(kernel, merged);
  return merged;
}

// The part of the maps that one output pixel sees: `count` values that are not 0, and the row of
// the kernel that belongs to each. Beyond the edge everything is 0.
class Patch {
  constructor(maps, [height, width, channels], outputs) {
    Object.assign(this, { maps, height, width, channels, outputs, count: 0 });
    this.values = new Float32Array(9 * channels);
    this.rows = new Int32Array(9 * channels);
  }

  gather(top, left, size) {
    const { maps, height, width, channels, outputs, values, rows } = this;
    let count = 0;
    for (let tap = 0; tap < size * size; tap += 1) {
      const y = top + Math.floor(tap / size);
      const x = left + (tap % size);
      if (y < 0 || y >= height || x < 0 || x >= width) continue;
      const from = (y * width + x) * channels;
      for (let c = 0; c < channels; c += 1) {
        const value = maps[from + c];
        if (value === 0) continue;
        values[count] = value;
        rows[count] = (tap * channels + c) * outputs;
        count += 1;
      }
    }
    this.count = count;
  }

  // out[at + o] = bias[o] + the sum of values times weights, for every o; eight sums at a time,
  // which a processor can keep in its registers.
  weigh(kernel, bias, out, at) {
    const { outputs, values, rows, count } = this;
    const eights = outputs - (outputs % 8);
    for (let o = 0; o < eights; o += 8) {
      let a = bias[o], b = bias[o + 1], c = bias[o + 2], d = bias[o + 3];
      let e = bias[o + 4], f = bias[o + 5], g = bias[o + 6], h = bias[o + 7];
      for (let n = 0; n < count; n += 1) {
        const value = values[n];
        const w = rows[n] + o;
        a += value * kernel[w]; b += value * kernel[w + 1];
        c += value * kernel[w + 2]; d += value * kernel[w + 3];
        e += value * kernel[w + 4]; f += value * kernel[w + 5];
        g += value * kernel[w + 6]; h += value * kernel[w + 7];
      }
      out[at + o] = a; out[at + o + 1] = b; out[at + o + 2] = c; out[at + o + 3] = d;
      out[at + o + 4] = e; out[at + o + 5] = f; out[at + o + 6] = g; out[at + o + 7] = h;
    }
    for (let o = eights; o < outputs; o += 1) {
      let sum = bias[o];
      for (let n = 0; n < count; n += 1) sum += values[n] * kernel[rows[n] + o];
      out[at + o] = sum;
    }
  }
}

// The largest of every 2 x 2 pixels, map by map.
function pool({ inputShape: [, wide], shape: [height, width, channels] }, input) {
  const out = new Float32Array(height * width * channels);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const upper = (2 * y * wide + 2 * x) * channels;
      const lower = upper + wide * channels;
      for (let c = 0; c < channels; c += 1, at += 1) {
        const above = Math.max(input[upper + c], input[upper + channels + c]);
        out[at] = Math.max(above, input[lower + c], input[lower + channels + c]);
      }
    }
  }
  return out;
}

// Every pixel four times.
function upsample({ inputShape: [, narrow], shape: [height, width, channels] }, input) {
  const out = new Float32Array(height * width * channels);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += channels) {
      const from = ((y >> 1) * narrow + (x >> 1)) * channels;
      out.set(input.subarray(from, from + channels), at);
    }
  }
  return out;
}

const volume = (shape) => shape.reduce((product, side) => product * side, 1);
