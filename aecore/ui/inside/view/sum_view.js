import { isShortcut } from "../../engine/keys.js";
import { wantsCalm } from "../../motion.js";
import { say, written } from "../../sentences.js";
import { largest, paintDigit, paintSigned } from "./colours.js";
import { activated, lastSum } from "./tracing.js";

const SHOWN = 32; // terms with pictures of their own; the others are one sum
const STEP_MS = 170;
const SATURATED = 6; // a sigmoid of this is 0.998

/**
 * The reconstruction as a sum: the bias, then each unit's picture times its number, the most
 * important first, and under each the digit as far as it has grown.
 */
export class SumView {
  constructor(inside) {
    this.inside = inside;
    const { words } = inside;
    this.find = (part) => inside.find(`.sum ${part}`);
    this.slider = this.find(".step");
    this.playButton = this.find(".play");
    this.norms = new WeakMap(); // kernel -> how large each unit's picture is
    const { signal } = inside.off;
    this.slider.addEventListener("input", () => {
      this.stop();
      this.show(Number(this.slider.value));
    }, { signal });
    this.playButton.addEventListener("click", () => (this.playing ? this.stop() : this.play()), { signal });
    this.playButton.textContent = words.play;
    this.cells = [];
  }

  /** The network's answer has changed. */
  update() {
    const { live, values } = this.inside;
    const sum = lastSum(live.layers, values);
    this.sum = sum;
    paintDigit(this.find(".seen"), this.inside.seen);
    const isNewPlace = this.cells.length !== 1 + Math.min(sum.terms.length, SHOWN) + (sum.terms.length > SHOWN ? 1 : 0);
    if (isNewPlace) this.build(sum);
    this.order(sum);
    this.steps = this.addUp(sum);
    this.paint();
    this.show(Math.min(this.step ?? Infinity, this.steps.length - 1));
  }

  // Sorting anew under a moving pen would make all pictures jump; a moment's rest is waited for.
  order({ terms, kernel }) {
    if (this.ranking?.length === terms.length && this.inside.isMoving) return;
    if (!this.norms.has(kernel)) this.norms.set(kernel, new Map());
    const norms = this.norms.get(kernel);
    const normOf = ({ unit, picture }) => {
      if (this.isOfMaps()) return largest(picture); // what a map adds is another picture each time
      if (!norms.has(unit)) norms.set(unit, Math.sqrt(picture.reduce((sum, p) => sum + p * p, 0)));
      return norms.get(unit);
    };
    const weights = terms.map((term) => Math.abs(term.amount) * normOf(term));
    this.ranking = terms.map(({ unit }) => unit).sort((a, b) => weights[b] - weights[a]);
  }

  // The sums after the bias, after each term that is shown, and after all the others.
  addUp({ bias, terms }) {
    const byUnit = new Map(terms.map((term) => [term.unit, term]));
    const total = Float64Array.from(bias);
    const add = ({ amount, picture }) => {
      if (amount !== 0) for (let i = 0; i < 784; i += 1) total[i] += amount * picture[i];
    };
    const steps = [{ picture: bias, sum: total.slice() }];
    for (const unit of this.ranking.slice(0, SHOWN)) {
      const term = byUnit.get(unit);
      add(term);
      steps.push({ ...term, sum: total.slice() });
    }
    const others = this.ranking.slice(SHOWN).map((unit) => byUnit.get(unit));
    if (others.length) {
      const before = total.slice();
      others.forEach(add);
      const active = others.filter(({ amount }) => amount !== 0).length;
      steps.push({ others: others.length, active, picture: total.map((sum, i) => sum - before[i]), sum: total.slice() });
    }
    return steps;
  }

  build({ terms }) {
    const holder = this.find(".terms");
    const template = this.inside.find("#term").content;
    const count = 1 + Math.min(terms.length, SHOWN) + (terms.length > SHOWN ? 1 : 0);
    holder.replaceChildren(...Array.from({ length: count }, () => template.cloneNode(true)));
    this.cells = [...holder.children].map((element, number) => {
      const [picture, sofar] = element.querySelectorAll("canvas");
      const button = element.querySelector("button");
      button.tabIndex = number ? -1 : 0;
      button.addEventListener("pointerenter", () => this.point(number));
      button.addEventListener("focus", () => this.point(number));
      button.addEventListener("click", () => this.toggle(number));
      button.addEventListener("keydown", (event) => this.walk(event, number));
      return { element, button, picture, sofar, amount: element.querySelector("b") };
    });
    this.slider.max = count - 1;
    this.step = count - 1;
  }

  point(number) {
    if (this.playing) return;
    this.show(number);
    this.inside.speak(this.spoken(number));
  }

  walk(event, number) {
    if (isShortcut(event)) return;
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: this.perRow(), ArrowUp: -this.perRow() }[event.key];
    const next = this.cells[number + by];
    if (!next) return;
    event.preventDefault();
    this.cells[number].button.tabIndex = -1;
    next.button.tabIndex = 0;
    next.button.focus();
  }

  perRow() {
    const top = this.cells[0].element.offsetTop;
    return this.cells.filter(({ element }) => element.offsetTop === top).length;
  }

  toggle(number) {
    const { unit } = this.steps[number];
    if (unit === undefined) return;
    const { live } = this.inside;
    const at = this.unitsLayer();
    if (live.heldAt(at, unit) === 0) live.letGo(at, unit);
    else live.hold(at, unit, 0);
    this.inside.touched();
    this.inside.speak(this.spoken(number));
  }

  // The layer whose answers are the numbers of the sum.
  unitsLayer() {
    const { layers } = this.inside.live;
    return layers.slice(0, this.sum.at).findLastIndex(({ kind }) => kind !== "reshape" && kind !== "flatten");
  }

  paint() {
    const { colours, live, words } = this.inside;
    const own = this.steps.slice(1).filter(({ others }) => !others);
    const highest = own.reduce((most, { picture }) => Math.max(most, largest(picture)), 1e-6);
    this.cells.forEach((cell, number) => {
      const step = this.steps[number];
      const isUnit = step.unit !== undefined;
      const isOff = isUnit && live.heldAt(this.unitsLayer(), step.unit) === 0;
      paintSigned(cell.picture, step.picture, isUnit ? highest : Math.max(highest, largest(step.picture)), colours);
      paintDigit(cell.sofar, activated(this.sum.activation, step.sum));
      cell.amount.textContent = this.amountOf(step, number);
      cell.element.classList.toggle("idle", step.amount === 0);
      cell.element.classList.toggle("off", isOff);
      // What is seen is said, too: who steers by voice says what is written on a button.
      cell.button.setAttribute("aria-label", `${this.spoken(number)} ${cell.amount.textContent}`);
      if (isUnit) cell.button.setAttribute("aria-pressed", `${isOff}`);
      cell.button.title = isUnit ? words.switchTerm : "";
    });
  }

  amountOf({ unit, others, amount }, number) {
    const { words } = this.inside;
    if (number === 0) return words.bias;
    if (others) return say(words.others, { count: others });
    if (this.isOfMaps()) return say(words.mapTerm, { unit: unit + 1 });
    return `${amount < 0 ? "−" : "+"} ${written(Math.abs(amount))} ×`;
  }

  isOfMaps() {
    return this.inside.live.layers[this.sum.at].kind === "conv";
  }

  spoken(number) {
    const { words } = this.inside;
    const { unit, others, active, amount } = this.steps[number];
    if (number === 0) return words.biasSpoken;
    if (others) return say(words.othersSpoken, { count: others, active });
    if (this.isOfMaps()) return say(words.mapTermSpoken, { unit: unit + 1, number });
    return say(words.termSpoken, { unit: unit + 1, number, amount: written(amount) });
  }

  /** Show the sum after `number` terms, large. */
  show(number) {
    const { colours, words } = this.inside;
    this.step = number;
    const { sum } = this.steps[number];
    const isLinear = this.sum.activation === "linear";
    paintSigned(this.find(".before"), sum, isLinear ? 1 : SATURATED, colours);
    paintDigit(this.find(".after"), activated(this.sum.activation, sum));
    const last = this.steps.length - 1;
    const sentence = number === last ? words.allAdded : say(words.added, { number, of: last });
    this.slider.value = number;
    this.slider.setAttribute("aria-valuetext", sentence);
    this.find("output").textContent = sentence;
    this.cells.forEach(({ element }, at) => {
      element.classList.toggle("ahead", at > number);
      element.classList.toggle("here", at === number);
    });
  }

  play() {
    this.playButton.textContent = this.inside.words.pause;
    let number = this.step >= this.steps.length - 1 ? 0 : this.step;
    this.show(number);
    this.playing = setInterval(() => {
      number += 1;
      this.show(number);
      if (number >= this.steps.length - 1) this.stop();
    }, wantsCalm() ? 3 * STEP_MS : STEP_MS);
  }

  stop() {
    clearInterval(this.playing);
    this.playing = null;
    this.playButton.textContent = this.inside.words.play;
  }
}
