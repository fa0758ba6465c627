import { forward } from "../../engine/network.js";
import { backThrough } from "./tracing.js";

/**
 * A network that may be touched: units held at a value, layers switched off, weights pruned or
 * shaken. What was trained stays as it is, and `reset` goes back to it.
 *
 * `layers` are numbered from the image on, the encoder's and then the decoder's; `values[at + 1]`
 * is what the layer number `at` answers, and `values[0]` is the image. A unit of a layer of maps is
 * one whole map: what it holds is multiplied by the number that it is given.
 */
export class LiveNetwork {
  /** @param {{encoder: Layer[], decoder: Layer[]}} network */
  constructor(network) {
    this.codeAt = network.encoder.length - 1;
    this.trained = [...network.encoder, ...network.decoder];
    this.reset();
  }

  /** Take over other weights for the same layers. */
  retrain({ encoder, decoder }) {
    this.trained = [...encoder, ...decoder];
    this.facts = null;
    this.reweigh(this.pruned, this.shaken);
  }

  reset() {
    this.layers = this.trained;
    this.held = new Map(); // layer -> Map(unit -> number)
    this.silent = new Set(); // layers that are switched off
    this.pruned = 0;
    this.shaken = 0;
  }

  get isTouched() {
    return this.held.size > 0 || this.silent.size > 0 || this.pruned > 0 || this.shaken > 0;
  }

  hasMaps(at) {
    return this.layers[at].shape.length === 3;
  }

  /** The unit that a number of the layer's answer belongs to: its map, or itself. */
  unitOf(at, index) {
    return this.hasMaps(at) ? index % this.layers[at].shape[2] : index;
  }

  heldAt(at, unit) {
    return this.held.get(at)?.get(unit);
  }

  hold(at, unit, value) {
    if (!this.held.has(at)) this.held.set(at, new Map());
    this.held.get(at).set(unit, value);
  }

  letGo(at, unit) {
    this.held.get(at)?.delete(unit);
    if (this.held.get(at)?.size === 0) this.held.delete(at);
  }

  letGoAll(at) {
    this.held.delete(at);
  }

  silence(at, isSilent) {
    if (isSilent) this.silent.add(at);
    else this.silent.delete(at);
  }

  /**
   * Leave out the weakest weights of every layer, and shake the others.
   *
   * @param {number} pruned  share of the weights that become 0, 0 to 1
   * @param {number} shaken  noise on the others, in standard deviations of the layer's weights
   */
  reweigh(pruned, shaken) {
    Object.assign(this, { pruned, shaken });
    const isTrained = pruned === 0 && shaken === 0;
    this.layers = isTrained ? this.trained : this.trained.map((layer, at) => this.reweighed(layer, at));
  }

  reweighed(layer, at) {
    if (!layer.kernel) return layer;
    const { sorted, deviation, noise } = this.factsOf(layer, at);
    const least = this.pruned > 0 ? sorted[Math.floor(this.pruned * (sorted.length - 1))] : -1;
    const strength = this.shaken * deviation;
    const kernel = layer.kernel.map((weight, i) => (Math.abs(weight) <= least ? 0 : weight + strength * noise[i]));
    return { ...layer, kernel };
  }

  // Of a layer's weights: their sorted magnitudes, their standard deviation, and noise for them that
  // stays the same while it grows.
  factsOf(layer, at) {
    this.facts ??= new Map();
    if (!this.facts.has(at)) {
      const { kernel } = layer;
      let [sum, squares] = [0, 0];
      for (const weight of kernel) {
        sum += weight;
        squares += weight * weight;
      }
      const mean = sum / kernel.length;
      this.facts.set(at, {
        sorted: kernel.map(Math.abs).sort(),
        deviation: Math.sqrt(squares / kernel.length - mean * mean),
        noise: gaussians(kernel.length, at + 1),
      });
    }
    return this.facts.get(at);
  }

  /** Every layer's values for an image: `values[0]` is the image. */
  run(image) {
    return [image, ...this.walk(0, image)];
  }

  /** The reconstruction alone, clipped to [0, 1]. */
  answer(image) {
    return clipped(this.walk(0, image).at(-1));
  }

  /** The reconstruction if the layer `at` had answered `values`. */
  answerFrom(at, values) {
    return clipped(at + 1 < this.layers.length ? this.walk(at + 1, values).at(-1) : values);
  }

  // The engine walks as far as the next layer that somebody touched; there, hands come in between.
  walk(first, input) {
    const all = [];
    let from = first;
    while (from < this.layers.length) {
      let to = from;
      while (to < this.layers.length - 1 && !this.held.has(to) && !this.silent.has(to)) to += 1;
      const values = forward(this.layers.slice(from, to + 1), all.at(-1) ?? input);
      values[values.length - 1] = this.handled(to, values.at(-1));
      all.push(...values);
      from = to + 1;
    }
    return all;
  }

  handled(at, values) {
    if (this.silent.has(at)) return new Float32Array(values.length);
    const held = this.held.get(at);
    if (!held) return values;
    const changed = values.slice();
    const step = this.hasMaps(at) ? this.layers[at].shape[2] : values.length;
    for (const [unit, value] of held) {
      for (let i = unit; i < changed.length; i += step) changed[i] = this.hasMaps(at) ? values[i] * value : value;
    }
    return changed;
  }

  /**
   * How much one number would grow with each pixel of the image, at the image it has now. Taken
   * before the number's own activation, so that a silent relu shows what would wake it.
   *
   * @param {Float32Array[]} values  what `run` gave
   * @param {number} at, index       the layer and the number in it
   * @returns {Float32Array} 784 slopes
   */
  gradient(values, at, index) {
    let slopes = new Float32Array(values[at + 1].length);
    slopes[index] = 1;
    for (let i = at; i >= 0; i -= 1) {
      slopes = backThrough(this.layers[i], slopes, values[i]);
      if (i > 0) this.passHandsAndActivation(i - 1, slopes, values[i]);
    }
    return slopes;
  }

  passHandsAndActivation(at, slopes, answered) {
    const { activation, shape } = this.layers[at];
    for (let i = 0; i < slopes.length; i += 1) {
      if (activation === "relu" && answered[i] === 0) slopes[i] = 0;
      if (activation === "sigmoid") slopes[i] *= answered[i] * (1 - answered[i]);
    }
    if (this.silent.has(at)) slopes.fill(0);
    const step = this.hasMaps(at) ? shape[2] : slopes.length;
    for (const [unit, value] of this.held.get(at) ?? []) {
      for (let i = unit; i < slopes.length; i += step) slopes[i] *= this.hasMaps(at) ? value : 0;
    }
  }

  /** The reconstruction without one unit. */
  answerWithout(values, at, unit) {
    const changed = values[at + 1].slice();
    const step = this.hasMaps(at) ? this.layers[at].shape[2] : changed.length;
    for (let i = unit; i < changed.length; i += step) changed[i] = 0;
    return this.answerFrom(at, changed);
  }
}

function clipped(values) {
  return values.map((value) => Math.min(Math.max(value, 0), 1));
}

// Normal random numbers, always the same for a seed (mulberry32, then Box and Muller).
function gaussians(count, seed) {
  let state = seed * 0x9e3779b9;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return Float32Array.from({ length: count }, () => (
    Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
  ));
}
