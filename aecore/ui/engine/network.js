// The forward pass of an autoencoder, layer by layer, as aecore/networks.py describes it.
// It is checked against ONNX Runtime, which answers on the server.

import { Sums, Workbench } from "./sums.js";

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
 * @property {Workbench} [bench]      where they lie, see `onBench`
 * @property {Float32Array[]} [merged]  there: the kernel's merged kernels, see `mergedKernels`
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
    if (followsUpsampling(layers, number)) {
      values.push(activate(layer, convolveUpsampled(layer, number > 1 ? values[number - 2] : input)));
    } else {
      values.push(activate(layer, LAYERS[layer.kind](layer, number ? values[number - 1] : input)));
    }
  });
  return values;
}

// The values after the last one only: no map is upsampled for nobody to see.
function answer(layers, input) {
  return layers.reduce((values, layer, number) => {
    if (followsUpsampling(layers, number + 1)) return values;
    return activate(layer, followsUpsampling(layers, number)
      ? convolveUpsampled(layer, values)
      : LAYERS[layer.kind](layer, values));
  }, input);
}

const followsUpsampling = (layers, number) =>
  layers[number]?.kind === "conv" && layers[number - 1]?.kind === "upsample";

/**
 * An image's way through an autoencoder; the reconstruction is clipped to [0, 1].
 *
 * @param {{encoder: Layer[], decoder: Layer[]}} network
 * @param {Float32Array} image  784 values in [0, 1]
 * @returns {{code: Float32Array, reconstruction: Float32Array}}
 */
export function reconstruct(network, image) {
  const code = answer(network.encoder, image);
  return { code, reconstruction: decode(network, code) };
}

/** The second half of it: from a code to an image. */
export function decode(network, code) {
  return answer(network.decoder, code).map((value) => Math.min(Math.max(value, 0), 1));
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

function dense(layer, input) {
  const sums = sumsOf(layer, input);
  sums.add(layer.kernel, layer.shape[0], 0, input.length, 0, 0);
  return sums.done;
}

// Each output pixel sees 3 x 3 pixels of every map.
function convolve(layer, input) {
  const sums = sumsOf(layer, input);
  const [height, width, outputs] = layer.shape;
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += outputs) {
      addWindow(sums, layer.kernel, outputs, layer.inputShape, seenFrom(layer, y), seenFrom(layer, x), 3, at);
    }
  }
  return sums.done;
}

/**
 * The first of the three rows that row `y` of a convolution's output sees (columns alike): the one
 * before its own. Filters that move on by two pixels begin with the first row, as Keras has it.
 */
export function seenFrom({ inputShape: [height], shape: [rows] }, y) {
  return rows === height ? y - 1 : 2 * y;
}

// After upsampling, pixels are equal in twos: the 3 x 3 weights meet only 2 x 2 different pixels of
// the maps before it, so that weights which meet the same pixel are added up first. That takes 4
// multiplications where there were 9.
function convolveUpsampled(layer, small) {
  const sums = sumsOf(layer, small);
  const [height, width, outputs] = layer.shape;
  const shape = [height / 2, width / 2, layer.inputShape[2]];
  const kernels = benchOf(layer) ? layer.merged : mergedKernels(layer);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += outputs) {
      const [odd, right] = [y % 2, x % 2];
      const [top, left] = [(y >> 1) - 1 + odd, (x >> 1) - 1 + right];
      addWindow(sums, kernels[2 * odd + right], outputs, shape, top, left, 2, at);
    }
  }
  return sums.done;
}

// What one output pixel sees: `size` x `size` pixels of all maps. Those beside each other stand
// beside each other in the input, too, and so do their weights. Beyond the edge everything is 0.
function addWindow(sums, kernel, outputs, [height, width, channels], top, left, size, at) {
  const first = Math.max(left, 0);
  const count = (Math.min(left + size, width) - first) * channels;
  for (let y = Math.max(top, 0); y < Math.min(top + size, height); y += 1) {
    const row = ((y - top) * size + first - left) * channels;
    sums.add(kernel, outputs, (y * width + first) * channels, count, row, at);
  }
}

const sumsOf = (layer, input) => new Sums(input, layer.bias, volume(layer.shape), benchOf(layer));

// Weights that somebody has changed lie beside the bench.
const benchOf = ({ bench, kernel }) => (bench?.holds(kernel) ? bench : undefined);

/**
 * The same network with its weights on a workbench, where its sums take a third of the time; as it
 * is in a browser that has none.
 *
 * @param {{encoder: Layer[], decoder: Layer[]}} network
 */
export function onBench(network) {
  const withMerged = (half) => half.map((layer, number) =>
    followsUpsampling(half, number) ? { ...layer, merged: mergedKernels(layer) } : layer);
  const [encoder, decoder] = [withMerged(network.encoder), withMerged(network.decoder)];
  const layers = [...encoder, ...decoder];
  const arrays = layers.flatMap(({ kernel, bias, merged = [] }) => (kernel ? [kernel, bias, ...merged] : []));
  const bench = Workbench.make(
    Math.max(...layers.flatMap(({ inputShape, shape }) => [volume(inputShape), volume(shape)])),
    arrays.map((each) => each.length),
  );
  if (!bench) return network;
  const put = (layer) => {
    if (!layer.kernel) return layer;
    const [kernel, bias, ...merged] = [layer.kernel, layer.bias, ...(layer.merged ?? [])].map((each) => bench.put(each));
    return { ...layer, bench, kernel, bias, merged };
  };
  return { ...network, encoder: encoder.map(put), decoder: decoder.map(put) };
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
