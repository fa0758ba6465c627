// Numbers as colours. What went in, what came out and what a relu lets through is white on black,
// like the digits; what may lie on both sides of zero (weights, gradients) is blue above it, red
// below, and paper where it is zero.

/** The colours of the page's theme, read off an element of ours. */
export class Colours {
  constructor(element) {
    const style = getComputedStyle(element);
    const probe = element.querySelector(".probe");
    const read = (name) => {
      probe.style.color = `var(${name})`;
      return getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number);
    };
    [this.more, this.less, this.zero] = ["--more", "--less", "--zero"].map(read);
    this.font = style.fontFamily;
  }

  /** One signed number as [red, green, blue]; `highest` has the full colour. */
  signed(value, highest) {
    const share = Math.min(Math.abs(value) / highest, 1);
    const end = value > 0 ? this.more : this.less;
    return this.zero.map((from, i) => Math.round(from + (end[i] - from) * share));
  }
}

/** One number from 0 to `highest` as [red, green, blue]: black to white. */
export function greyOf(value, highest) {
  const grey = Math.round(255 * Math.min(Math.max(value / highest, 0), 1));
  return [grey, grey, grey];
}

/**
 * Paint one number a pixel: the values of a picture as wide and high as the canvas.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} values
 * @param {(value: number) => number[]} colourOf
 */
export function paintPixels(canvas, values, colourOf) {
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const image = pen.createImageData(canvas.width, canvas.height);
  for (let i = 0; i < values.length; i += 1) {
    image.data.set(colourOf(values[i]), 4 * i);
    image.data[4 * i + 3] = 255;
  }
  pen.putImageData(image, 0, 0);
}

/** The largest magnitude among some numbers; never 0, so that one may divide by it. */
export function largest(values) {
  let most = 1e-6;
  for (const value of values) if (Math.abs(value) > most) most = Math.abs(value);
  return most;
}
