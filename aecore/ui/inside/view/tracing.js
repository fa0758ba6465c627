// Where a number comes from: backwards through the layers, and into the sum that made it.

import { seenFrom } from "../../engine/network.js";
import { largest } from "./colours.js";

/** How the inputs of a layer would move its outputs, each weighted by its slope. */
export function backThrough(layer, slopes, input) {
  switch (layer.kind) {
    case "dense":
      return throughDense(layer, slopes);
    case "conv":
      return throughConvolution(layer, slopes);
    case "pool":
      return throughPool(layer, slopes, input);
    case "upsample":
      return throughUpsampling(layer, slopes);
    default:
      return slopes.slice();
  }
}

function throughDense({ inputShape: [inputs], shape: [outputs], kernel }, slopes) {
  const used = [...slopes.keys()].filter((o) => slopes[o] !== 0);
  const back = new Float32Array(inputs);
  for (let i = 0; i < inputs; i += 1) {
    let sum = 0;
    for (const o of used) sum += slopes[o] * kernel[i * outputs + o];
    back[i] = sum;
  }
  return back;
}

function throughConvolution(layer, slopes) {
  const { inputShape: [height, width, inputs], shape: [, , outputs], kernel } = layer;
  const back = new Float32Array(height * width * inputs);
  slopes.forEach((slope, at) => {
    if (slope === 0) return;
    const [y, x, o] = placeOf(layer.shape, at);
    for (const [row, column, tap] of seenBy(layer, y, x)) {
      const to = (row * width + column) * inputs;
      for (let c = 0; c < inputs; c += 1) back[to + c] += slope * kernel[(tap * inputs + c) * outputs + o];
    }
  });
  return back;
}

function throughPool(layer, slopes, input) {
  const back = new Float32Array(input.length);
  slopes.forEach((slope, at) => {
    if (slope !== 0) back[winnerOf(layer, at, input)] += slope;
  });
  return back;
}

function throughUpsampling({ inputShape, shape }, slopes) {
  const back = new Float32Array(inputShape.reduce((a, b) => a * b));
  slopes.forEach((slope, at) => {
    const [y, x, c] = placeOf(shape, at);
    back[indexOf(inputShape, y >> 1, x >> 1, c)] += slope;
  });
  return back;
}

/** Row, column and map of a number among maps `[height, width, maps]`. */
export function placeOf([, width, maps], at) {
  return [Math.floor(at / (width * maps)), Math.floor(at / maps) % width, at % maps];
}

export function indexOf([, width, maps], y, x, map) {
  return (y * width + x) * maps + map;
}

// The 3 x 3 pixels that a pixel of a convolution is made of, as far as there are any: row, column,
// and the number of their tap of the filter.
function seenBy(layer, y, x) {
  const [height, width] = layer.inputShape;
  const [top, left] = [seenFrom(layer, y), seenFrom(layer, x)];
  return [0, 1, 2, 3, 4, 5, 6, 7, 8]
    .map((tap) => [top + Math.floor(tap / 3), left + (tap % 3), tap])
    .filter(([row, column]) => row >= 0 && row < height && column >= 0 && column < width);
}

/** The input that a pooled number was taken from: the largest of its four. */
export function winnerOf({ inputShape, shape }, at, input) {
  const [y, x, c] = placeOf(shape, at);
  const four = [[0, 0], [0, 1], [1, 0], [1, 1]].map(([dy, dx]) => indexOf(inputShape, 2 * y + dy, 2 * x + dx, c));
  return four.reduce((best, each) => (input[each] > input[best] ? each : best));
}

/**
 * The pixels of the image that a number depends on.
 *
 * @returns {{top: number, left: number, bottom: number, right: number}} half-open, 0 to 28
 */
export function fieldOf(layers, at, index) {
  let field = { top: 0, left: 0, bottom: 28, right: 28 };
  if (layers[at].shape.length < 3) return field;
  const [y, x] = placeOf(layers[at].shape, index);
  field = { top: y, left: x, bottom: y + 1, right: x + 1 };
  for (let i = at; i >= 0; i -= 1) {
    const { kind, inputShape: [height, width] } = layers[i];
    if (kind === "dense") return { top: 0, left: 0, bottom: 28, right: 28 };
    if (kind === "reshape" && layers[i].inputShape.length === 1) continue;
    if (kind === "conv") field = seenAround(layers[i], field);
    if (kind === "pool") field = scaled(field, 2);
    if (kind === "upsample") field = scaled(field, 0.5);
    field = {
      top: Math.max(field.top, 0),
      left: Math.max(field.left, 0),
      bottom: Math.min(field.bottom, height),
      right: Math.min(field.right, width),
    };
  }
  return field;
}

const seenAround = (layer, { top, left, bottom, right }) => (
  {
    top: seenFrom(layer, top),
    left: seenFrom(layer, left),
    bottom: seenFrom(layer, bottom - 1) + 3,
    right: seenFrom(layer, right - 1) + 3,
  }
);

const scaled = ({ top, left, bottom, right }, by) => (
  {
    top: Math.floor(top * by),
    left: Math.floor(left * by),
    bottom: Math.ceil(bottom * by),
    right: Math.ceil(right * by),
  }
);

/**
 * The sum that the reconstruction is made of, before its activation: the bias of every pixel, and
 * what each input of the last layer with weights adds.
 *
 * @param {Layer[]} layers
 * @param {Float32Array[]} values  `values[0]` is the image
 * @returns {{at: number, activation: string, kernel: Float32Array, bias: Float32Array, terms: {unit: number,
 *   amount: number, picture: Float32Array}[]}} amount times picture is what the unit adds; of a map,
 *   the picture is what the filter makes of it, and the amount 1 (0 if it is empty)
 */
export function lastSum(layers, values) {
  const at = layers.findLastIndex(({ kernel }) => kernel);
  const layer = layers[at];
  const input = values[at];
  const [inputs] = layer.inputShape.slice(-1);
  const pictures = layer.kind === "dense" ? null : mapPictures(layer, input);
  const terms = Array.from({ length: inputs }, (_, unit) => (
    layer.kind === "dense"
      ? { unit, amount: input[unit], picture: layer.kernel.subarray(784 * unit, 784 * (unit + 1)) }
      : { unit, amount: largest(pictures[unit]) > 1e-6 ? 1 : 0, picture: pictures[unit] }
  ));
  const bias = layer.kind === "dense" ? layer.bias : new Float32Array(784).fill(layer.bias[0]);
  return { at, activation: layer.activation, kernel: layer.kernel, bias, terms };
}

// What each map alone adds: the filter of the last layer slid over it.
function mapPictures(layer, input) {
  const { inputShape: [height, width, maps], kernel } = layer;
  const pictures = Array.from({ length: maps }, () => new Float32Array(height * width));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      for (const [row, column, tap] of seenBy(layer, y, x)) {
        const from = (row * width + column) * maps;
        for (let map = 0; map < maps; map += 1) {
          pictures[map][y * width + x] += input[from + map] * kernel[tap * maps + map];
        }
      }
    }
  }
  return pictures;
}

/** The last layer's activation, as far as the picture needs it: a sigmoid, or clipping. */
export function activated(activation, sums) {
  return sums.map((sum) => (activation === "sigmoid" ? 1 / (1 + Math.exp(-sum)) : Math.min(Math.max(sum, 0), 1)));
}

/**
 * What one number was added up from: of a dense layer every input times its weight; of a
 * convolution, for every map, its patch times its filter.
 *
 * @returns {{bias: number, parts: {from: number, share: number, patch: Float32Array,
 *   filter: Float32Array}[]}} largest share first; patch and filter hold 1 or 9 numbers
 */
export function partsOf(layer, input, index) {
  const parts = layer.kind === "dense" ? densePartsOf(layer, input, index) : convPartsOf(layer, input, index);
  const unit = layer.kind === "dense" ? index : index % layer.shape[2];
  parts.sort((a, b) => Math.abs(b.share) - Math.abs(a.share));
  return { bias: layer.bias[unit], parts };
}

function densePartsOf({ inputShape: [inputs], shape: [outputs], kernel }, input, index) {
  return Array.from({ length: inputs }, (_, from) => {
    const weight = kernel[from * outputs + index];
    return { from, share: input[from] * weight, patch: [input[from]], filter: [weight] };
  });
}

function convPartsOf(layer, input, index) {
  const { inputShape: [, , inputs], shape: [, , outputs], kernel } = layer;
  const [y, x, o] = placeOf(layer.shape, index);
  const seen = seenBy(layer, y, x);
  return Array.from({ length: inputs }, (_, from) => {
    const filter = Float32Array.from({ length: 9 }, (__, tap) => kernel[(tap * inputs + from) * outputs + o]);
    const patch = new Float32Array(9);
    let share = 0;
    for (const [row, column, tap] of seen) {
      patch[tap] = input[indexOf(layer.inputShape, row, column, from)];
      share += patch[tap] * filter[tap];
    }
    return { from, share, patch, filter };
  });
}
