import { say, written } from "../../sentences.js";
import { TestDigits, crossEntropy } from "./losses.js";

const MOST = 128; // numbers of a code that are switched off one after the other

/** Hands on the whole network, and what they cost: on this digit, and on the test digits. */
export class TouchView {
  constructor(inside, digits) {
    this.inside = inside;
    this.find = (part) => inside.find(`.touch ${part}`);
    this.digits = new TestDigits(digits);
    [this.usual, this.now] = [null, null];
    this.taken = new Map(); // the code's units that the slider below has switched off -> held at before
    const { signal } = inside.off;
    signal.addEventListener("abort", () => this.digits.stop());
    this.pruning = [...inside.root.querySelectorAll(".touch [name=prune]")];
    this.shaking = this.find(".shake");
    for (const input of [...this.pruning, this.shaking]) {
      input.addEventListener("input", () => this.reweigh(), { signal });
    }
    this.find(".reset").addEventListener("click", () => inside.reset(), { signal });
    this.removing = this.find(".remove");
    this.removing.addEventListener("input", () => this.remove(), { signal });
    this.release(); // the handles stand where another network's were
  }

  /** Another network: what it costs untouched is reckoned first. */
  begin() {
    [this.usual, this.now] = [null, null];
    const { inside } = this;
    const size = inside.codeUnits();
    const isOfMaps = inside.live.hasMaps(inside.codeStage().at);
    this.find(".removing-name").textContent = isOfMaps ? inside.words.removeMaps : inside.words.remove;
    this.find(".removing").hidden = size > MOST;
    this.removing.max = size;
    this.digits.measure(inside.plain, (loss) => {
      this.usual = loss;
      this.chooseAnew();
      this.measure();
    });
    this.write();
  }

  reweigh() {
    const pruned = Number(this.pruning.find(({ checked }) => checked).value);
    this.inside.live.reweigh(pruned, Number(this.shaking.value));
    this.inside.touched();
  }

  /** Put all handles back to where nothing is touched. */
  release() {
    for (const input of this.pruning) input.checked = input.value === "0";
    this.shaking.value = 0;
    this.removing.value = 0;
    this.taken.clear();
    this.write();
  }

  /** The network was touched: what does it cost now? */
  measure() {
    this.now = null;
    this.write();
    if (this.usual === null) return this.begin();
    if (!this.inside.live.isTouched) {
      this.digits.stop();
      this.now = this.usual;
      return this.write();
    }
    return this.digits.measure(this.inside.live, (loss) => {
      this.now = loss;
      this.write();
    });
  }

  write() {
    const { inside } = this;
    const { words, live } = inside;
    const shaken = say(words.shakeValue, { share: Math.round(100 * Number(this.shaking.value)) });
    this.find(".shake-value").textContent = shaken;
    this.shaking.setAttribute("aria-valuetext", shaken);
    const removed = say(words.removed, { count: this.removing.value, of: this.removing.max });
    this.find(".removed").textContent = removed;
    this.removing.setAttribute("aria-valuetext", removed);
    this.find(".reset").disabled = !live.isTouched;
    if (!inside.values) return;
    const here = crossEntropy(inside.original, inside.answer);
    const usual = crossEntropy(inside.original, inside.untouchedAnswer());
    const cell = (name, text) => {
      this.find(name).textContent = text;
    };
    cell(".here-usual", written(usual, 4));
    cell(".here-now", written(here, 4));
    cell(".all-usual", this.usual === null ? "…" : written(this.usual, 4));
    cell(".all-now", this.now === null ? "…" : written(this.now, 4));
    this.find("table").classList.toggle("as-trained", !live.isTouched);
  }

  // --- numbers of the code, switched off one after the other -----------------------------------

  // The code's units, those that change this picture least first.
  leastFirst(at) {
    const { inside } = this;
    const { live } = inside;
    const values = live.run(inside.seen);
    const answer = live.answer(inside.seen);
    const change = Array.from({ length: inside.codeUnits() }, (_, unit) => (
      live.answerWithout(values, at, unit).reduce((sum, value, i) => sum + (value - answer[i]) ** 2, 0)
    ));
    return [...change.keys()].sort((a, b) => change[a] - change[b]);
  }

  choose() {
    const { live, seen, plain } = this.inside;
    const { at } = this.inside.codeStage();
    this.giveBack(at);
    const least = this.leastFirst(at).slice(0, Number(this.removing.value));
    this.taken = new Map(least.map((unit) => [unit, live.heldAt(at, unit)]));
    for (const unit of least) live.hold(at, unit, 0);
    this.chosenFor = { seen, plain };
  }

  // As a hand held them, or free; those that a hand has taken hold of since stay in it.
  giveBack(at) {
    const { live } = this.inside;
    for (const [unit, before] of this.taken) {
      if (live.heldAt(at, unit) !== 0) continue;
      if (before === undefined) live.letGo(at, unit);
      else live.hold(at, unit, before);
    }
  }

  /** Of another picture, and after another epoch, others are the least important. */
  chooseAnew() {
    if (!this.taken.size) return;
    const { seen, plain } = this.inside;
    const isTheSame = plain === this.chosenFor.plain && seen.every((value, i) => value === this.chosenFor.seen[i]);
    if (isTheSame) return;
    this.choose();
    this.inside.ask();
    this.measure();
  }

  remove() {
    this.choose();
    this.inside.touched();
  }
}
