// Numbers painted on canvases of 28 x 28 pixels and the like; aecore/ui/pictures.py in the browser.

const TOO_MUCH = [0, 90, 181];
const TOO_LITTLE = [220, 50, 32];

/** Grey values in [0, 1], row by row, on a canvas that takes their size. */
export function paintGrey(canvas, values, width = 28, height = 28) {
  paint(canvas, width, height, (pixels) => {
    for (let i = 0; i < values.length; i += 1) {
      const grey = 255 * values[i];
      pixels[4 * i] = grey; // clamped and rounded by the array
      pixels[4 * i + 1] = grey;
      pixels[4 * i + 2] = grey;
    }
  });
}

/** The signed difference of two images: blue where `answer` has ink too much, red where too little. */
export function paintDifference(canvas, image, answer) {
  paint(canvas, 28, 28, (pixels) => {
    for (let i = 0; i < image.length; i += 1) {
      const delta = Math.min(Math.max(answer[i] - image[i], -1), 1);
      const towards = delta > 0 ? TOO_MUCH : TOO_LITTLE;
      for (let c = 0; c < 3; c += 1) {
        pixels[4 * i + c] = Math.trunc(255 + (towards[c] - 255) * Math.abs(delta));
      }
    }
  });
}

function paint(canvas, width, height, fill) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const image = context.createImageData(width, height);
  image.data.fill(255);
  fill(image.data);
  context.putImageData(image, 0, 0);
}

/** A code as bars that stand on a line: the outline of all of them, as CSS cuts it out. */
export function outlineOfBars(code, highest) {
  const zero = code.some((number) => number < 0) ? 50 : 100;
  const corners = [];
  for (let place = 0; place < code.length; place += 1) {
    const [left, right] = [0.1, 0.9].map((side) => (100 * (place + side)) / code.length);
    const height = zero * Math.min(Math.max(Math.abs(code[place]) / highest, 0.01), 1);
    const end = zero + (code[place] < 0 ? height : -height);
    corners.push([left, zero], [left, end], [right, end], [right, zero]);
  }
  const spoken = corners.map(([across, down]) => `${across.toFixed(1)}% ${down.toFixed(1)}%`);
  return `polygon(${spoken.join(",")})`;
}

/** The mean squared error per pixel. */
export function meanSquaredError(image, answer) {
  let sum = 0;
  for (let i = 0; i < image.length; i += 1) sum += (image[i] - answer[i]) ** 2;
  return sum / image.length;
}

/** The peak signal-to-noise ratio in dB that belongs to it. */
export const decibels = (error) => -10 * Math.log10(error);

const WINDOW = 7;

/** The structural similarity of two images, as `ssim` in aecore/metrics.py has it. */
export function structuralSimilarity(image, answer) {
  const [count, c1, c2] = [WINDOW * WINDOW, 0.01 ** 2, 0.03 ** 2];
  const places = 28 - WINDOW + 1; // where the window fits into the image
  let similarity = 0;
  for (let top = 0; top < places; top += 1) {
    for (let left = 0; left < places; left += 1) {
      let [x, y, xx, yy, xy] = [0, 0, 0, 0, 0];
      for (let i = 0; i < count; i += 1) {
        const at = 28 * (top + Math.floor(i / WINDOW)) + left + (i % WINDOW);
        const [a, b] = [image[at], answer[at]];
        x += a; y += b; xx += a * a; yy += b * b; xy += a * b;
      }
      [x, y] = [x / count, y / count]; // the means, then variances and covariance of a sample
      const [vx, vy, cov] = [xx - count * x * x, yy - count * y * y, xy - count * x * y].map((sum) => sum / (count - 1));
      similarity += ((2 * x * y + c1) * (2 * cov + c2)) / ((x * x + y * y + c1) * (vx + vy + c2));
    }
  }
  return similarity / places ** 2;
}
