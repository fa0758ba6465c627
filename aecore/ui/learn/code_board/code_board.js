// The code of one digit as bars that can be dragged; the decoder draws what they say, here, at once.

import { decode } from "../../engine/network.js";
import { paintGrey } from "../../engine/pictures.js";
import { openNetwork } from "../../engine/weights.js";
import { say, written } from "../../sentences.js";

const STEPS = 100; // from 0 to twice the largest number of the code

/**
 * What the server says (__init__.py).
 *
 * @typedef {object} News
 * @property {Description} network  for `openNetwork`
 * @property {number[]} code        the digit's code, as encoded; no number is negative
 * @property {object} words
 */
class CodeBoard {
  /** @param {Element} place */
  constructor(place) {
    this.find = (part) => place.querySelector(part);
    this.find(".reset").addEventListener("click", () => this.reset());
  }

  /** @param {News} news */
  async take({ network, code, words }) {
    this.words = words;
    this.say();
    if (String(code) !== String(this.code)) {
      this.code = Float32Array.from(code);
      this.build();
    }
    try {
      this.network = await openNetwork(network);
      this.find(".trouble").hidden = true;
      paintGrey(this.find(".encoded"), decode(this.network, this.code));
      this.draw();
    } catch {
      this.find(".trouble").textContent = words.trouble;
      this.find(".trouble").hidden = false;
    }
  }

  say() {
    const { words } = this;
    for (const picture of ["encoded", "turned"]) {
      this.find(`.${picture}`).setAttribute("aria-label", words[`${picture}Alt`]);
      this.find(`.${picture} + figcaption`).textContent = words[picture];
    }
    this.find(".hint").textContent = words.hint;
    this.find(".reset").textContent = words.reset;
    this.sliders?.forEach((_slider, unit) => this.name(unit));
  }

  // One slider a number, standing where the digit has it.
  build() {
    this.turned = Float32Array.from(this.code);
    this.highest = 2 * Math.max(...this.code) || 1;
    this.sliders = Array.from(this.code, (number, unit) => {
      const slider = document.createElement("input");
      Object.assign(slider, { type: "range", min: 0, max: this.highest, step: this.highest / STEPS });
      slider.addEventListener("input", () => this.turn(unit, Number(slider.value)));
      return slider;
    });
    this.find(".numbers").replaceChildren(...this.sliders.map((slider, unit) => {
      const [label, mark, name] = ["label", "i", "span"].map((tag) => document.createElement(tag));
      label.style.setProperty("--encoded", this.code[unit] / this.highest);
      name.textContent = unit + 1;
      label.append(slider, mark, name);
      return label;
    }));
    this.reset();
  }

  turn(unit, number) {
    this.turned[unit] = number;
    this.name(unit);
    this.draw();
  }

  reset() {
    this.turned.set(this.code);
    this.sliders.forEach((slider, unit) => {
      slider.value = this.code[unit];
      this.name(unit);
    });
    this.draw();
  }

  // What a slider says of itself, to eyes and to ears.
  name(unit) {
    const [slider, { words }] = [this.sliders[unit], this];
    const [now, encoded] = [this.turned[unit], this.code[unit]];
    slider.style.setProperty("--now", now / this.highest);
    slider.parentElement?.classList.toggle("moved", now !== encoded);
    slider.setAttribute("aria-label", say(words.number, { unit: unit + 1 }));
    const values = { value: written(now, 1), encoded: written(encoded, 1) };
    slider.setAttribute("aria-valuetext", say(words.value, values));
  }

  draw() {
    this.find(".reset").disabled = this.turned.every((number, unit) => number === this.code[unit]);
    if (this.network) paintGrey(this.find(".turned"), decode(this.network, this.turned));
  }
}

const BOARDS = new WeakMap(); // one a place on the page, kept when the server sends its news again

export default function codeBoard({ data, parentElement }) {
  if (!BOARDS.has(parentElement)) BOARDS.set(parentElement, new CodeBoard(parentElement));
  BOARDS.get(parentElement).take(data);
}
