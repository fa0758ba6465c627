// `weigh` of sums.js as a WebAssembly module, written down instruction by instruction, since a page
// without a build step has no compiler. The numbers are the specification's
// (webassembly.github.io/spec/core/binary); lists may be nested, and are flattened in the end.

/**
 * The module's bytes: it wants the memory `lab.memory` and offers
 * `weigh(input, count, kernel, outputs, out)`. Addresses are in bytes, all numbers 32 bits wide.
 *
 * @returns {Uint8Array}
 */
export function weighProgram() {
  const [I32, F32, V128] = [0x7f, 0x7d, 0x7b]; // a V128 holds four F32
  const get = (local) => [0x20, local];
  const set = (local) => [0x21, local];
  const int = (value) => [0x41, value < 64 ? value : [128 + (value & 127), value >> 7]];
  const [add, subtract, multiply, isLess, not] = [0x6a, 0x6b, 0x6c, 0x48, 0x45];
  const [float, end] = [{ zero: [0x43, 0, 0, 0, 0], differs: 0x5c, multiply: 0x94, add: 0x92 }, 0x0b];
  const four = { copies: [0xfd, 0x13], multiply: [0xfd, 0xe6, 1], add: [0xfd, 0xe4, 1] };

  // A place in memory is an address, the logarithm of its alignment, and an offset in bytes.
  const load = (address) => [get(address), 0x2a, 2, 0];
  const store = (address, value) => [get(address), value, 0x38, 2, 0];
  const loadFour = (address, offset) => [get(address), 0xfd, 0x00, 2, offset];
  const storeFour = (address, offset, value) => [get(address), value, 0xfd, 0x0b, 2, offset];

  const when = (...body) => [0x04, 0x40, body, end]; // the top of the stack is not 0
  const forever = (...body) => [0x02, 0x40, 0x03, 0x40, body, 0x0c, 0, end, end];
  const leaveIf = [0x0d, 1]; // the loop around it, when the top of the stack is not 0
  const move = (address, bytes) => [get(address), bytes, add, set(address)];

  // The five parameters, then the locals in the order of their types.
  const [input, count, kernel, outputs, out] = [0, 1, 2, 3, 4];
  const [last, next, weights, width] = [5, 6, 7, 8];
  const [value, sum] = [9, 10];
  const [values, ...sums] = [11, 12, 13, 14, 15];
  const locals = [3, [4, I32], [2, F32], [5, V128]];

  // While `lanes` outputs are left: their sums are begun, every input that is not 0 makes a step.
  const columns = (lanes, { begin, step, finish }) => forever(
    get(outputs), int(lanes), isLess, leaveIf,
    begin,
    get(input), set(next),
    get(kernel), set(weights),
    forever(
      get(next), get(last), isLess, not, leaveIf,
      load(next), set(value),
      get(value), float.zero, float.differs, when(step),
      move(next, int(4)),
      move(weights, get(width)),
    ),
    finish,
    move(out, int(4 * lanes)),
    move(kernel, int(4 * lanes)),
    get(outputs), int(lanes), subtract, set(outputs),
  );

  const body = [
    get(outputs), int(4), multiply, set(width),
    get(input), get(count), int(4), multiply, add, set(last),
    columns(16, {
      begin: sums.map((each, i) => [loadFour(out, 16 * i), set(each)]),
      step: [
        get(value), four.copies, set(values),
        sums.map((each, i) => [
          get(each), get(values), loadFour(weights, 16 * i), four.multiply, four.add, set(each),
        ]),
      ],
      finish: sums.map((each, i) => storeFour(out, 16 * i, get(each))),
    }),
    columns(1, {
      begin: [load(out), set(sum)],
      step: [get(sum), get(value), load(weights), float.multiply, float.add, set(sum)],
      finish: store(out, get(sum)),
    }),
    end,
  ];

  const length = (bytes) => (bytes < 128 ? [bytes] : [128 + (bytes % 128), length(bytes >> 7)]);
  const sized = (...content) => [length(content.flat(Infinity).length), content];
  const name = (word) => sized([...word].map((letter) => letter.charCodeAt(0)));
  const [types, imports, functions, exports, code] = [1, 2, 3, 7, 10];
  return Uint8Array.from([
    0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, // "asm", version 1
    types, sized(1, 0x60, sized(I32, I32, I32, I32, I32), 0),
    imports, sized(1, name("lab"), name("memory"), 2, 0, 1),
    functions, sized(1, 0),
    exports, sized(1, name("weigh"), 0, 0),
    code, sized(1, sized(locals, body)),
  ].flat(Infinity));
}
