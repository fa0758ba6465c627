// The numbers of a code as sliders. While one moves the decoder answers here, and the server hears
// nothing; only where its weights did not arrive is the server asked, when a slider rests.

import { decode } from "../engine/network.js";
import { meanSquaredError, paintGrey } from "../engine/pictures.js";
import { openNetwork } from "../engine/weights.js";

const STEPS = 200; // of a slider

/**
 * What the server says (code_sliders.py).
 *
 * @typedef {object} Message
 * @property {object} network  a description for `openNetwork`, or null if it is too large to send
 * @property {string} subject  says what the digit is, and tells it from others
 * @property {number[]} image  784 values in [0, 1]: the digit, its reconstruction, and
 * @property {number[]} encoded
 * @property {number[]} answer what the decoder makes of the numbers that the server was last told
 * @property {number[]} code
 * @property {object} words
 */
class CodeSliders {
  constructor(root) {
    this.desk = root.querySelector(".desk");
    this.figures = root.querySelectorAll("figure");
    this.output = root.querySelector("output");
    this.button = root.querySelector("button");
    this.trouble = root.querySelector(".trouble");
    this.button.addEventListener("click", () => {
      this.reset();
      this.ask();
    });
  }

  /** @param {Message} message */
  async take(message, tell) {
    const isNew = message.subject !== this.message?.subject || message.words.reset !== this.message?.words.reset;
    [this.message, this.tell] = [message, tell];
    if (isNew) this.build();
    this.show();
    try {
      this.network = message.network && (await openNetwork(message.network));
      this.trouble.hidden = Boolean(this.network);
    } catch {
      this.network = null;
      this.trouble.hidden = false;
    }
    this.show();
  }

  build() {
    const { code, words } = this.message;
    this.most = 2 * Math.max(...code) || 1;
    this.desk.setAttribute("aria-label", words.desk);
    this.button.textContent = words.reset;
    this.trouble.textContent = words.trouble;
    this.sliders = code.map((number, at) => this.slider(number, at));
    this.desk.replaceChildren(...this.sliders.map((slider) => slider.parentElement));
    this.reset();
  }

  slider(number, at) {
    const label = document.createElement("label");
    const [slider, mark] = [document.createElement("input"), document.createElement("i")];
    Object.assign(slider, { type: "range", min: 0, max: this.most, step: this.most / STEPS });
    slider.setAttribute("aria-label", fill(this.message.words.number, { number: at + 1 }));
    mark.style.setProperty("--was", number / this.most);
    label.append(slider, mark, String(at + 1));
    slider.addEventListener("input", () => {
      this.turned[at] = Number(slider.value);
      this.last = at;
      this.show();
    });
    slider.addEventListener("change", () => this.ask());
    return slider;
  }

  reset() {
    this.turned = Float32Array.from(this.message.code);
    this.last = this.turned.indexOf(Math.max(...this.turned));
    this.sliders.forEach((slider, at) => (slider.value = this.turned[at]));
    this.show();
  }

  ask() {
    if (!this.network) this.tell({ of: this.message.subject, numbers: [...this.turned] });
  }

  show() {
    const { code, words, image, encoded, subject } = this.message;
    const isMoved = this.turned.map((value, at) => Number(Math.abs(value - code[at]) > 1e-6));
    this.sliders.forEach((slider, at) => {
      slider.style.setProperty("--share", `${(100 * this.turned[at]) / this.most}%`);
      slider.setAttribute("aria-valuetext", this.turned[at].toFixed(1));
      slider.parentElement.classList.toggle("moved", Boolean(isMoved[at]));
    });
    this.button.disabled = !isMoved.includes(1);
    const now = this.network ? decode(this.network, this.turned).reconstruction : this.message.answer;
    const [left, right] = this.figures;
    picture(left, encoded, `${words.encoded}\nMSE ${meanSquaredError(image, encoded).toFixed(4)}`, fill(words.encodedAlt, { subject }));
    picture(right, now, `${words.turned}\nMSE ${meanSquaredError(image, now).toFixed(4)}`, words.turnedAlt);
    this.output.textContent = fill(words.said, {
      number: this.last + 1, now: this.turned[this.last].toFixed(1), was: code[this.last].toFixed(1), most: this.most.toFixed(1),
    });
  }
}

function picture(figure, values, caption, alt) {
  const canvas = figure.querySelector("canvas");
  paintGrey(canvas, values);
  canvas.setAttribute("aria-label", alt);
  figure.querySelector("figcaption").textContent = caption;
}

const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

const DESKS = new WeakMap(); // one a place on the page, kept when the server sends its message again

export default function codeSliders({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".code-sliders");
  if (!DESKS.has(root)) DESKS.set(root, new CodeSliders(root));
  DESKS.get(root).take(data, (turned) => setStateValue("turned", turned));
}
