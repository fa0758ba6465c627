// Brings a network's weights into the browser: once, and from then on out of its cache.

import { onBench } from "./network.js";

/**
 * What the server says of a model (weights.py); `openNetwork` turns it into a network.
 *
 * @typedef {object} Description
 * @property {string} name
 * @property {string} title
 * @property {string} key      changes with the weights
 * @property {string} url      where the bytes are
 * @property {number} bytes    how many there are
 * @property {number} checksum their Adler-32
 * @property {Array<object>} encoder  the layers; their kernel and bias say where the numbers stand,
 * @property {Array<object>} decoder  each as [first byte, how many]
 */

/** The weights are missing, altered, or do not fit the layers. */
class WeightsError extends Error {}

/**
 * @param {Description} description
 * @returns {Promise<Description>} with the weights in their layers, ready for `forward`; rejects
 *   with WeightsError
 */
export function openNetwork(description) {
  const opened = openedNetworks();
  if (!opened.has(description.key)) {
    const opening = readNetwork(description);
    opened.set(description.key, opening);
    opening.catch(() => opened.delete(description.key)); // the next one to ask tries again
  }
  return opened.get(description.key);
}

// Components are modules of their own, but share the page, and so the networks.
function openedNetworks() {
  const place = Symbol.for("aelab-networks");
  globalThis[place] ??= new Map();
  return globalThis[place];
}

async function readNetwork(description) {
  let bytes = await download(description.url);
  if (!fits(bytes, description)) bytes = await download(description.url, { cache: "reload" });
  if (!fits(bytes, description)) throw new WeightsError(`${description.name}: altered weights`);
  const withWeights = (layer) => {
    if (!layer.kernel) return layer;
    const [kernel, bias] = [kernelOf(bytes, layer.kernel), floats(bytes, layer.bias)];
    if (kernel.length !== kernelSize(layer) || bias.length !== layer.shape.at(-1)) {
      throw new WeightsError(`${description.name}: weights that do not fit the layer`);
    }
    if (![kernel, bias].every((weights) => weights.every(Number.isFinite))) {
      throw new WeightsError(`${description.name}: weights that are not numbers`);
    }
    return { ...layer, kernel, bias };
  };
  return onBench({
    ...description,
    encoder: description.encoder.map(withWeights),
    decoder: description.decoder.map(withWeights),
  });
}

const floats = (bytes, [from, count]) => new Float32Array(bytes, from, count);

// Each column of a kernel, the weights of one output, counts in steps of its own size; where the
// network needs it, with 256ths of a step.
function kernelOf(bytes, { steps: [from, count], sizes, fine }) {
  const steps = new Int16Array(bytes, from, count);
  const columns = floats(bytes, sizes);
  const parts = fine ? new Uint8Array(bytes, ...fine) : new Uint8Array(count);
  const kernel = new Float32Array(count);
  for (let i = 0; i < count; i += 1) {
    kernel[i] = (steps[i] + parts[i] / 256) * columns[i % columns.length];
  }
  return kernel;
}

const kernelSize = ({ kind, inputShape, shape }) =>
  (kind === "conv" ? 9 : 1) * inputShape.at(-1) * shape.at(-1);

const fits = (bytes, { bytes: length, checksum }) =>
  bytes.byteLength === length && adler32(new Uint8Array(bytes)) === checksum;

function adler32(bytes) {
  let [low, high] = [1, 0];
  for (let start = 0; start < bytes.length; start += 4096) {
    const end = Math.min(start + 4096, bytes.length);
    for (let i = start; i < end; i += 1) {
      low += bytes[i];
      high += low;
    }
    low %= 65521;
    high %= 65521;
  }
  return high * 65536 + low;
}

// The address is the content's own, so that a browser keeps what it has fetched.
async function download(url, how) {
  try {
    const answer = await fetch(url, how);
    if (answer.ok) return await answer.arrayBuffer();
    throw new WeightsError(`the server answered ${answer.status}`);
  } catch (error) {
    throw error instanceof WeightsError ? error : new WeightsError(String(error));
  }
}
