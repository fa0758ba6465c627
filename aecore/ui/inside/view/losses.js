/** Mean binary cross-entropy per pixel, in nats, of an answer to a target in [0, 1]. */
export function crossEntropy(target, answer) {
  let sum = 0;
  for (let i = 0; i < target.length; i += 1) {
    const guess = Math.min(Math.max(answer[i], 1e-7), 1 - 1e-7);
    sum -= target[i] * Math.log(guess) + (1 - target[i]) * Math.log(1 - guess);
  }
  return sum / target.length;
}

const SLICE_MS = 8;

/** Some test digits, and what a network loses on them, reckoned while the browser has time. */
export class TestDigits {
  /** @param {Uint8Array} bytes  784 a digit */
  constructor(bytes) {
    this.images = Array.from({ length: bytes.length / 784 }, (_, i) => (
      Float32Array.from(bytes.subarray(784 * i, 784 * (i + 1)), (byte) => byte / 255)
    ));
    this.running = 0;
  }

  /** Reckon the mean loss; `tell(loss)` is called once, unless another measurement begins before. */
  measure(live, tell) {
    this.running += 1;
    const mine = this.running;
    let [sum, next] = [0, 0];
    const work = () => {
      if (mine !== this.running) return;
      const until = performance.now() + SLICE_MS;
      while (next < this.images.length && performance.now() < until) {
        sum += crossEntropy(this.images[next], live.answer(this.images[next]));
        next += 1;
      }
      if (next < this.images.length) this.waiting = setTimeout(work);
      else tell(sum / next);
    };
    clearTimeout(this.waiting);
    this.waiting = setTimeout(work, 120); // a hand that still moves would only be disturbed
  }

  stop() {
    this.running += 1;
    clearTimeout(this.waiting);
  }
}
