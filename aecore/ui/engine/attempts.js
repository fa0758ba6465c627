// One noisy image and what each method makes of it: the networks answer here, the filters wait for
// the server, and so does the frame around the best of them.

import { reconstruct } from "./network.js";
import { over, write } from "./overlay.js";
import { decibels, meanSquaredError, paintGrey, structuralSimilarity } from "./pictures.js";

/**
 * @param {Element} gallery  the figures of attempts.py
 * @param {Map<string, object>} networks  by name
 * @param {Float32Array} image  784 values in [0, 1], without noise
 * @param {Float32Array} seen   with it
 */
export function showAttempts(gallery, networks, image, seen) {
  gallery.classList.add("ahead");
  showAttempt(gallery.querySelector(".seen"), image, seen);
  for (const figure of gallery.querySelectorAll(".attempt")) {
    const name = [...figure.classList].find((each) => each.startsWith("of-")).slice(3);
    const network = networks.get(name);
    figure.classList.toggle("behind", !network);
    if (network) showAttempt(figure, image, reconstruct(network, seen).reconstruction);
  }
}

/** The server's figures again, its frame too. */
export function clearAttempts(gallery) {
  gallery.classList.remove("ahead");
}

function showAttempt(figure, image, answer) {
  const error = meanSquaredError(image, answer);
  const [psnr, ssim] = figure.querySelectorAll("figcaption span");
  paintGrey(over(figure), answer);
  write(psnr, error ? decibels(error).toFixed(1) : "∞");
  write(ssim, structuralSimilarity(image, answer).toFixed(2));
}
