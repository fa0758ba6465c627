// Weighted sums: nearly all the work of a network. Every output gets each input times a weight, and
// inputs that are 0, most pixels of a digit and half of what a relu lets through, are passed over.
// The loop stands here twice: in JavaScript, to be read and for older browsers, and in WebAssembly,
// where a processor multiplies four numbers at a time. A test holds the two together.

import { weighProgram } from "./weigh_program.js";

/**
 * Adds `count` inputs from place `from` on, times the kernel's rows from `row` on, to the outputs
 * from place `at` on. A row of the kernel is the weights of one input, `outputs` of them.
 */
function weigh(input, kernel, outputs, out, from, count, row, at) {
  const eights = outputs - (outputs % 8); // eight sums at a time stay in the processor's registers
  for (let o = 0; o < eights; o += 8) {
    const to = at + o;
    let a = out[to], b = out[to + 1], c = out[to + 2], d = out[to + 3];
    let e = out[to + 4], f = out[to + 5], g = out[to + 6], h = out[to + 7];
    for (let n = 0, w = row * outputs + o; n < count; n += 1, w += outputs) {
      const value = input[from + n];
      if (value === 0) continue;
      a += value * kernel[w]; b += value * kernel[w + 1];
      c += value * kernel[w + 2]; d += value * kernel[w + 3];
      e += value * kernel[w + 4]; f += value * kernel[w + 5];
      g += value * kernel[w + 6]; h += value * kernel[w + 7];
    }
    out[to] = a; out[to + 1] = b; out[to + 2] = c; out[to + 3] = d;
    out[to + 4] = e; out[to + 5] = f; out[to + 6] = g; out[to + 7] = h;
  }
  for (let o = eights; o < outputs; o += 1) {
    let sum = out[at + o];
    for (let n = 0, w = row * outputs + o; n < count; n += 1, w += outputs) {
      sum += input[from + n] * kernel[w];
    }
    out[at + o] = sum;
  }
}

/**
 * The sums of one layer for one input, each begun with its bias.
 *
 * @property {Float32Array} out  what has been added up so far
 */
export class Sums {
  /** `bench` is where the kernels lie, if they lie on one; see Workbench. */
  constructor(input, bias, size, bench) {
    this.bench = bench;
    this.input = bench ? bench.take(input) : input;
    this.out = bench ? bench.out.subarray(0, size) : new Float32Array(size);
    for (let at = 0; at < size; at += bias.length) this.out.set(bias, at);
  }

  /** Adds inputs times rows of a kernel, as `weigh` says. */
  add(kernel, outputs, from, count, row, at) {
    const { bench, input, out } = this;
    if (bench) bench.weigh(input, kernel, outputs, out, from, count, row, at);
    else weigh(input, kernel, outputs, out, from, count, row, at);
  }

  /** The sums, to keep: the bench is used again by the next layer. */
  get done() {
    return this.bench ? this.out.slice() : this.out;
  }
}

const BYTES = 4; // of a number
const inFours = (count) => 4 * Math.ceil(count / 4); // every array begins where four numbers do

/** Memory that WebAssembly works in, with a network's weights in it and room for one layer's numbers. */
export class Workbench {
  /**
   * A bench, or null in a browser that cannot do it.
   *
   * @param {number} most       inputs or outputs of a layer at most
   * @param {number[]} lengths  of the arrays that `put` will bring
   */
  static make(most, lengths) {
    try {
      return new Workbench(most, lengths);
    } catch { // an old browser, a site that forbids WebAssembly, or no memory left
      return null;
    }
  }

  constructor(most, lengths) {
    const numbers = [most, most, ...lengths].reduce((sum, length) => sum + inFours(length), 0);
    const pages = Math.ceil((BYTES * numbers) / 65_536);
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(weighProgram()), { lab: this });
    this.run = exports.weigh;
    this.used = 0;
    [this.input, this.out] = [this.room(most), this.room(most)];
  }

  /** The same numbers, on the bench. */
  put(numbers) {
    const place = this.room(numbers.length);
    place.set(numbers);
    return place;
  }

  room(count) {
    const place = new Float32Array(this.memory.buffer, BYTES * this.used, count);
    this.used += inFours(count);
    return place;
  }

  holds(kernel) {
    return kernel.buffer === this.memory.buffer;
  }

  take(input) {
    this.input.set(input);
    return this.input;
  }

  /** The function `weigh`, for numbers that all lie here. */
  weigh(input, kernel, outputs, out, from, count, row, at) {
    this.run(
      input.byteOffset + BYTES * from, count,
      kernel.byteOffset + BYTES * row * outputs, outputs,
      out.byteOffset + BYTES * at,
    );
  }
}
