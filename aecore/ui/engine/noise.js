// The noise of aecore/noise.py: the server draws the random numbers, once for a seed, and the browser
// scales and clips, so that a link shows everyone the same noise at every level.

/**
 * @typedef {{kind: "gaussian"|"uniform"|"salt_and_pepper"|"block", field: Float64Array}} Noise
 *   `field` is what `noise_field` in Python answers: 784 numbers to add; 784 that say at which level
 *   a pixel is replaced, then what each is replaced by; or the place of the block, twice 0 to 1
 */

/**
 * @param {Float32Array} image  784 values in [0, 1]
 * @param {Noise} noise
 * @param {number} level
 * @returns {Float32Array} the corrupted image, in [0, 1]
 */
export function addNoise(image, { kind, field }, level) {
  return KINDS[kind](image, field, Math.fround(level));
}

const KINDS = {
  gaussian: addScaled,
  uniform: addScaled,
  salt_and_pepper: (image, field, level) =>
    image.map((value, i) => (field[i] < level ? field[784 + i] : value)),
  block: (image, [down, right], level) => {
    const side = Math.round(level);
    const [top, left] = [down, right].map((share) => Math.floor(share * (28 - side + 1)));
    const corrupted = image.slice();
    for (let y = top; y < top + side; y += 1) corrupted.fill(0, 28 * y + left, 28 * y + left + side);
    return corrupted;
  },
};

function addScaled(image, field, level) {
  return image.map((value, i) => {
    const noisy = Math.fround(value + Math.fround(level * field[i]));
    return Math.min(Math.max(noisy, 0), 1);
  });
}
