// Brings the picture that the network is to see: the server's, or what the pen and the noise's
// slider make of it while they move. It shows nothing itself.

import { addNoise } from "../../engine/noise.js";
import { hasCaughtUp, Pen } from "../../engine/pen.js";
import { pictureBoard } from "./picture_board.js";

const REST_MS = 1500; // after the pen's last move the server's picture counts, whatever it shows

/**
 * What the server says (`show_picture` in Python).
 *
 * @typedef {object} News
 * @property {number[]} image  the clean picture, 784 numbers in [0, 1]
 * @property {string} spoken   words for it
 * @property {string} kind     the noise on it, with its field and its level
 * @property {number[]} field
 * @property {number} level
 * @property {string} slider   the class of the container of the level's slider
 * @property {boolean} pen     whether the picture is the visitor's drawing
 */
class PictureSource {
  constructor() {
    this.off = new AbortController();
    this.drawn = null;
    this.observer = new MutationObserver(() => this.tell());
    this.observer.observe(document.body, { subtree: true, attributes: true, attributeFilter: ["aria-valuetext"] });
  }

  /** @param {News} news */
  take(news) {
    this.news = news;
    this.image = Float32Array.from(news.image);
    if (news.pen) this.pen ??= new Pen((prepared) => this.follow(prepared), () => {}, this.off.signal);
    const isAhead = this.drawn && news.pen && (this.pen.isDown || !hasCaughtUp(this.image, this.drawn));
    if (!isAhead) this.drawn = null;
    this.shown = null;
    this.tell();
  }

  follow(prepared) {
    if (!this.news.pen) return;
    this.drawn = prepared?.image ?? new Float32Array(784);
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      if (this.pen.isDown) return;
      this.drawn = null;
      this.shown = null;
      this.tell();
    }, REST_MS);
    this.shown = null;
    this.tell();
  }

  get level() {
    const input = document.querySelector(`.${this.news.slider} input[type="range"]`);
    return input ? Number(input.value) : this.news.level;
  }

  tell() {
    const { kind, field, spoken } = this.news;
    const { level } = this;
    if (this.shown === level) return; // another slider of the page has moved
    this.shown = level;
    const original = this.drawn ?? this.image;
    const seen = level > 0 ? addNoise(original, { kind, field }, level) : original;
    const board = pictureBoard();
    board.picture = { original, seen, spoken };
    board.dispatchEvent(new Event("picture"));
  }

  close() {
    this.off.abort();
    this.observer.disconnect();
    clearTimeout(this.resting);
  }
}

const SOURCES = new WeakMap(); // one a place on the page, kept when the server sends its news again

export default function picture({ data, parentElement }) {
  if (!SOURCES.has(parentElement)) SOURCES.set(parentElement, new PictureSource());
  SOURCES.get(parentElement).take(data);
  return () => {
    SOURCES.get(parentElement)?.close();
    SOURCES.delete(parentElement);
  };
}
