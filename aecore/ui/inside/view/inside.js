// The page Inside: one network, as a sum and unfolded, with the values it has now.

import { bytesOf } from "../../engine/base64.js";
import { openNetwork } from "../../engine/weights.js";
import { CodeView } from "./code_view.js";
import { Colours, largest } from "./colours.js";
import { FilmView } from "./film_view.js";
import { LiveNetwork } from "./live_network.js";
import { NetworkView } from "./network_view.js";
import { pictureBoard } from "./picture_board.js";
import { SumView } from "./sum_view.js";
import { TouchView } from "./touch_view.js";
import { UnitView } from "./unit_view.js";

const RESTING_MS = 350; // pictures that follow each other faster than this belong to one movement
const TYPICAL = 12; // test digits that say how large a layer's values usually are

class Inside {
  constructor(root, data) {
    const { words } = data;
    Object.assign(this, { root, words, data });
    this.find = (selector) => root.querySelector(selector);
    this.off = new AbortController();
    for (const element of root.querySelectorAll("[data-word]")) {
      element.textContent = words[element.dataset.word];
    }
    for (const element of root.querySelectorAll("[data-label]")) {
      element.setAttribute("aria-label", words[element.dataset.label]);
    }
    this.sheet = this.find(".lab-inside");
    this.sheet.dataset.ready = "false";
    this.sheet.classList.remove("open"); // until this network's weights are here
    this.find(".spoken").textContent = ""; // what was said of another network, or in another language
    this.colours = new Colours(this.sheet);
    this.pinned = null;
    this.pointed = null;
    const { signal } = this.off;
    this.sheet.addEventListener("transitionend", () => this.readTheme(), { signal });
    const board = pictureBoard();
    board.addEventListener("picture", () => this.see(board.picture), { signal });
  }

  async open() {
    try {
      const network = await openNetwork(this.data.network);
      if (this.off.signal.aborted) return;
      this.begin(network);
    } catch (error) {
      if (this.off.signal.aborted) return;
      this.complain(this.words.unreadable);
      console.warn(error);
    }
  }

  begin(network) {
    this.live = new LiveNetwork(network);
    this.plain = new LiveNetwork(network);
    const digits = bytesOf(this.data.digits);
    this.typical = this.usualSizes(digits);
    this.find(".sum-lead").textContent = this.data.sumLead;
    this.sum = new SumView(this);
    this.unit = new UnitView(this);
    this.code = new CodeView(this, this.data.lines);
    this.touch = new TouchView(this, digits);
    this.film = new FilmView(this, this.data.film);
    this.sheet.classList.add("open");
    this.network = new NetworkView(this);
    const { picture } = pictureBoard();
    if (picture) this.see(picture);
    this.touch.begin();
  }

  // How large each layer's values usually are: what is drawn white, or in full colour.
  usualSizes(digits) {
    const sizes = [];
    for (let i = 0; i < TYPICAL; i += 1) {
      const image = Float32Array.from(digits.subarray(784 * i, 784 * (i + 1)), (byte) => byte / 255);
      this.live.run(image).forEach((values, at) => {
        sizes[at] = Math.max(sizes[at] ?? 0, 0.7 * largest(values));
      });
    }
    return sizes;
  }

  // --- what the network sees -----------------------------------------------------------------

  /**
   * Another picture.
   *
   * @param {{seen: Float32Array, original: Float32Array, spoken: string}} picture  what the
   *   network gets, perhaps with noise; what it should answer; and words for it
   */
  see({ seen, original, spoken }) {
    if (!this.live) return;
    const now = performance.now();
    this.isMoving = now - (this.lastSeen ?? -Infinity) < RESTING_MS;
    this.lastSeen = now;
    Object.assign(this, { seen, original, plainAnswer: null });
    this.find(".sum .seen").setAttribute("aria-label", spoken);
    this.ask();
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      this.touch.chooseAnew();
      if (!this.isMoving) return;
      this.isMoving = false;
      this.ask();
    }, RESTING_MS);
  }

  /** The same network after another epoch of its training; what was touched stays touched. */
  retrain(network) {
    this.live.retrain(network);
    this.plain = new LiveNetwork(network);
    this.plainAnswer = null;
    this.isMoving = true;
    this.ask();
    this.touch.begin();
  }

  /** Somebody laid hands on the network. */
  touched() {
    this.isMoving = true; // while one touches it, nothing changes its place
    this.ask();
    this.touch.measure();
  }

  reset() {
    this.live.reset();
    this.touch.release();
    this.isMoving = false;
    this.ask();
    this.touch.measure();
    this.speak(this.words.asTrained);
  }

  // Many changes may come before the screen is drawn next; only the last one counts.
  ask() {
    this.asked ??= requestAnimationFrame(() => {
      this.asked = null;
      this.refresh();
    });
  }

  refresh() {
    if (this.off.signal.aborted || !this.seen) return;
    const began = performance.now();
    this.values = this.live.run(this.seen);
    const raw = this.values.at(-1);
    const isSound = raw.every(Number.isFinite);
    this.complain(isSound ? "" : this.words.notANumber);
    this.answer = raw.map((value) => Math.min(Math.max(value || 0, 0), 1));
    this.pinned ??= this.strongestOfTheCode();
    if (isSound) this.sum.update();
    this.network.paint();
    this.network.mark();
    this.unit.update();
    this.touch.write();
    this.sheet.dataset.ready = "true";
    performance.measure("inside-paint", { start: began, end: performance.now() });
    if ((this.paints = (this.paints ?? 0) + 1) % 1000 === 0) performance.clearMeasures("inside-paint");
  }

  untouchedAnswer() {
    this.plainAnswer ??= this.plain.answer(this.seen);
    return this.plainAnswer;
  }

  // --- what is looked at ---------------------------------------------------------------------

  get looked() {
    return this.pointed ?? this.pinned;
  }

  /** Whether the number that is pointed at is another one than the one that was kept. */
  get looksElsewhere() {
    const { pointed, pinned } = this;
    return pointed !== null && !(pointed.at === pinned?.at && pointed.index === pinned?.index);
  }

  point(number) {
    if (number?.at === this.pointed?.at && number?.index === this.pointed?.index) return;
    this.pointed = number;
    this.look();
  }

  pin(number) {
    this.pinned = number;
    this.look();
  }

  look() {
    if (this.looking || !this.values) return;
    this.looking = requestAnimationFrame(() => {
      this.looking = null;
      if (this.off.signal.aborted) return;
      this.network.mark();
      this.unit.update();
      if (this.looked) this.speak(this.unit.sentence);
    });
  }

  // What is looked at before anybody points.
  strongestOfTheCode() {
    const { at } = this.codeStage();
    const sizes = this.values[at + 1].map(Math.abs);
    return { at, index: sizes.indexOf(Math.max(...sizes)) };
  }

  codeStage() {
    return this.network.stages.find(({ isCode }) => isCode);
  }

  codeUnits() {
    const { at } = this.codeStage();
    return this.live.layers[at].shape.at(-1);
  }

  // --- words ---------------------------------------------------------------------------------

  /** Tell a screen reader, once the hand rests. */
  speak(sentence) {
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => {
      this.find(".spoken").textContent = sentence;
    }, 250);
  }

  complain(sentence) {
    const place = this.find(".trouble");
    place.hidden = !sentence;
    if (place.textContent !== sentence) place.textContent = sentence;
  }

  readTheme() {
    this.colours = new Colours(this.sheet);
    if (this.values) this.ask();
  }

  close() {
    this.off.abort();
    clearTimeout(this.resting);
    clearTimeout(this.speaking);
    this.sum?.stop();
  }
}

const OPEN = new WeakMap(); // one a place on the page, kept when the server sends the same again

export default function inside({ data, parentElement }) {
  const before = OPEN.get(parentElement);
  const close = () => {
    OPEN.get(parentElement)?.close();
    OPEN.delete(parentElement);
  };
  if (before?.data.version === data.version) return close;
  before?.close();
  const page = new Inside(parentElement, data);
  OPEN.set(parentElement, page);
  page.open();
  return close;
}
