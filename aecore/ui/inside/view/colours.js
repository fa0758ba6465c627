// Numbers as colours. What went in, what came out and what a relu lets through is white on black,
// like the digits; what may lie on both sides of zero (weights, gradients) is blue above it, red
// below, and paper where it is zero.

const STEPS = 255;

/** Black to white, as a canvas keeps its pixels: alpha, blue, green, red. */
const GREYS = Uint32Array.from({ length: STEPS + 1 }, (_, grey) => 0xff000000 | (grey * 0x010101));

/** The colours of the page's theme, read off an element of ours. */
export class Colours {
  constructor(element) {
    const probe = element.querySelector(".probe");
    const read = (name) => {
      probe.style.color = `var(${name})`;
      return getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number);
    };
    [this.more, this.less, this.zero] = ["--more", "--less", "--zero"].map(read);
    this.font = getComputedStyle(element).fontFamily;
    this.palette = Uint32Array.from({ length: 2 * STEPS + 1 }, (_, step) => {
      const [red, green, blue] = this.signed(step - STEPS, STEPS);
      return 0xff000000 | (blue << 16) | (green << 8) | red;
    });
  }

  /** One signed number as [red, green, blue]; `highest` has the full colour. */
  signed(value, highest) {
    const share = Math.min(Math.abs(value) / highest, 1);
    const end = value > 0 ? this.more : this.less;
    return this.zero.map((from, i) => Math.round(from + (end[i] - from) * share));
  }

  /** The same as a canvas keeps it. */
  signedPixel(value, highest) {
    return this.palette[STEPS + Math.round(STEPS * Math.min(Math.max(value / highest, -1), 1))];
  }
}

/** One number from 0 to `highest`, black to white, as a canvas keeps it. */
export function greyPixel(value, highest) {
  return GREYS[Math.round(STEPS * Math.min(Math.max(value / highest, 0), 1))];
}

/**
 * Paint one number a pixel: the values of a picture as wide and high as the canvas.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} values
 * @param {(value: number) => number} pixelOf
 */
export function paintPixels(canvas, values, pixelOf) {
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const image = pen.createImageData(canvas.width, canvas.height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < values.length; i += 1) pixels[i] = pixelOf(values[i]);
  pen.putImageData(image, 0, 0);
}

/** A digit, 784 numbers from 0 to 1, on a canvas of 28 x 28. */
export const paintDigit = (canvas, values) => paintPixels(canvas, values, (value) => greyPixel(value, 1));

/** 784 numbers of either sign on a canvas of 28 x 28. */
export const paintSigned = (canvas, values, highest, colours) => (
  paintPixels(canvas, values, (value) => colours.signedPixel(value, highest))
);

/** The largest magnitude among some numbers; never 0, so that one may divide by it. */
export function largest(values) {
  let most = 1e-6;
  for (let i = 0; i < values.length; i += 1) if (Math.abs(values[i]) > most) most = Math.abs(values[i]);
  return most;
}
