// What the unfolded network shows from left to right.

/**
 * @typedef {object} Stage
 * @property {"image"|"values"|"filters"|"reconstruction"} kind
 * @property {number} at          the layer whose numbers it shows; -1 for the image
 * @property {number[]} shape     as it is drawn: [units], or [height, width, maps]
 * @property {boolean} isSigned   whether its numbers may be negative
 * @property {boolean} [isCode]
 * @property {boolean} [isFirst]  of filters: those of the first layer, else those of the last
 */

const MOST_FILTERS = 128; // more pictures of 28 x 28 than these would be too small to be seen

/** The stages of a network; layers that only put the same numbers into another shape are left out. */
export function stagesOf({ layers, codeAt }) {
  const first = layers.findIndex(({ kernel }) => kernel);
  const last = layers.findLastIndex(({ kernel }) => kernel);
  const inner = layers.flatMap((layer, at) => (isReshaping(layer) || at >= last ? [] : [stageOf(layers, at)]));
  const code = inner.findLast(({ at }) => at <= codeAt);
  if (code) code.isCode = true;
  return [
    { kind: "image", at: -1, shape: [28, 28, 1], isSigned: false },
    ...filtersOf(layers[first], first, true),
    ...inner,
    ...filtersOf(layers[last], last, false),
    { kind: "reconstruction", at: last, shape: [28, 28, 1], isSigned: false },
  ];
}

const isReshaping = ({ kind }) => kind === "flatten" || kind === "reshape";

function stageOf(layers, at) {
  const { kind, activation, shape } = layers[at];
  const next = layers[at + 1];
  const isFolded = shape.length === 1 && next?.kind === "reshape" && next.shape.length === 3;
  return { kind: "values", at, shape: isFolded ? next.shape : shape, isSigned: kind === "dense" && activation === "linear" };
}

function filtersOf({ kind, inputShape, shape }, at, isFirst) {
  const count = (isFirst ? shape : inputShape).at(-1);
  if (kind === "dense" && count > MOST_FILTERS) return [];
  const side = kind === "dense" ? 28 : 3;
  return [{ kind: "filters", at, shape: [side, side, count], isSigned: true, isFirst }];
}

/** The numbers of a stage of filters, those of one place side by side, as maps have them. */
export function filterValues({ kernel, kind, inputShape: [inputs] }, { isFirst }) {
  if (isFirst || kind === "conv") return kernel;
  const outputs = kernel.length / inputs;
  return Float32Array.from(kernel, (_, i) => kernel[(i % inputs) * outputs + Math.floor(i / inputs)]);
}

/** The layer and unit that a filter belongs to: what it feeds, or what feeds it. */
export function unitsLayerOf(layers, { at, isFirst }) {
  return isFirst ? at : layers.slice(0, at).findLastIndex((layer) => !isReshaping(layer));
}
