// A training run as a film: where the digits were after each epoch.

import { wantsCalm } from "../../motion.js";
import { say } from "../../sentences.js";
import { AVERAGED } from "./decoder.js";
import { placesIn } from "./payload.js";
import { Player } from "./strip.js";

const MORPH_MS = 100;

export class Film {
  // `off` is the signal that these maps have left the page; the elements may serve others then.
  constructor(element, words, panel, off) {
    Object.assign(this, { element, words, panel, frames: [], isFinished: true });
    panel.element.append(element); // the film moves this map and leaves the other alone
    this.slider = element.querySelector(".epoch");
    this.output = element.querySelector("output");
    this.note = element.querySelector(".note");
    this.note.hidden = true; // it may speak of another map's epoch
    this.final = { places: panel.places, box: panel.box, home: panel.view.home };
    this.shown = this.final;
    this.player = new Player(element.querySelector(".play"), words, (t) => {
      this.slider.value = Math.round(t * (this.frames.length - 1));
      this.show();
    }, off, 8);
    this.slider.addEventListener("input", () => {
      this.player.stopAt(Number(this.slider.value) / Math.max(this.frames.length - 1, 1));
      this.show();
    }, { signal: off });
  }

  // More epochs; the slider follows the newest one if it stood on the last.
  add({ header, section }) {
    const wasLast = Number(this.slider.value) >= this.frames.length - 1;
    for (const { epoch, box, home } of header.frames) {
      const known = this.frames.findIndex((frame) => frame.epoch === epoch);
      const frame = { epoch, box, home, fractions: section(`${epoch}`, Uint16Array) };
      if (known >= 0) this.frames[known] = frame;
      else this.frames.push(frame);
    }
    this.frames.sort((one, other) => one.epoch - other.epoch);
    this.isFinished = header.finished;
    this.of = header.epochs;
    this.element.hidden = this.frames.length < 2;
    this.slider.max = this.frames.length - 1;
    if (wasLast) this.slider.value = this.frames.length - 1;
    if (this.frames.length) this.show();
  }

  show() {
    const began = performance.now();
    const number = Number(this.slider.value);
    const frame = this.frames[number];
    const sentence = say(this.words.epoch, { number: frame.epoch, of: this.of });
    this.output.textContent = sentence;
    this.slider.setAttribute("aria-valuetext", sentence);
    const isNow = this.isFinished && number === this.frames.length - 1;
    const goal = isNow ? this.final : frame;
    if (this.shown === goal) return;
    this.shown = goal;
    frame.places ??= placesIn(frame.box, frame.fractions);
    this.panel.showEpoch(isNow ? null : frame);
    this.note.hidden = isNow || !this.isFinished; // of a training the panel's own note says it
    this.note.textContent = say(this.words.past, { number: frame.epoch, count: AVERAGED });
    this.morph(goal, began);
  }

  // Let the digits glide from where they are to where they were at that epoch.
  morph({ places, box, home }, began) {
    const { panel } = this;
    const count = Math.min(panel.places.length, places.length);
    const from = panel.places.slice(0, count);
    const homeBefore = panel.view.home;
    cancelAnimationFrame(this.request);
    const glide = (now) => {
      const share = wantsCalm() || !count ? 1 : Math.min((now - began) / MORPH_MS, 1);
      const ease = share * (2 - share);
      const between = (one, other) => one + ease * (other - one);
      panel.view.box = box;
      panel.view.home = home.map((edge, i) => between(homeBefore[i], edge));
      panel.view.show(panel.view.home);
      panel.move(share === 1 ? places : from.map((value, i) => between(value, places[i])));
      if (share < 1) this.request = requestAnimationFrame(glide);
      else performance.measure("latent-map-epoch", { start: began, end: performance.now() });
    };
    this.request = requestAnimationFrame(glide);
  }
}
