// The way from A to B in ten steps, a row for each way of going, and a walker along all of them.
// Until visitors have predicted which way leads over digits, the tiles are covered: the page sets a
// variable that says so.

import { wantsCalm } from "../../motion.js";
import { say } from "../../sentences.js";
import { blank, ink } from "./decoder.js";

const STEPS = 10;
const STRIDE = 30; // 28 pixels of a picture and a gap of 2
const WALK_SECONDS = 6;

export class Strip {
  constructor(element, words, onWalk, off) {
    Object.assign(this, { element, words, onWalk, at: 0, rows: [] });
    this.slider = element.querySelector(".step");
    this.player = new Player(element.querySelector(".play"), words, (t) => this.walkTo(t), off);
    this.slider.value = 0;
    this.slider.addEventListener("input", () => {
      this.player.stopAt(Number(this.slider.value) / (STEPS - 1));
      this.walkTo(this.player.at);
    }, { signal: off });
  }

  // `rows`: name, spoken (for screen readers) and paint(t, out) for every way.
  show(rows) {
    const names = rows.map(({ name }) => name).join();
    if (names !== this.names) this.build(rows);
    this.names = names;
    this.rows = rows;
    rows.forEach(({ paint, spoken }, number) => {
      const { ten } = this.pictures[number];
      const pen = ten.getContext("2d", { willReadFrequently: true });
      for (let step = 0; step < STEPS; step += 1) {
        ink(pen, paint(step / (STEPS - 1), blank()), step * STRIDE, 0);
      }
      ten.setAttribute("aria-label", spoken);
    });
    this.paintNow();
  }

  build(rows) {
    const holder = this.element.querySelector(".rows");
    holder.replaceChildren();
    this.pictures = rows.map(({ name }) => {
      const row = document.createElement("div");
      row.className = "row";
      row.innerHTML = `<span class="row-name"></span>
        <div class="tiles"><canvas class="ten" role="img" height="28"></canvas><i class="cover">?</i><i class="frame"></i></div>
        <canvas class="now" width="28" height="28" aria-hidden="true"></canvas>`;
      row.querySelector(".row-name").textContent = name;
      const ten = row.querySelector(".ten");
      ten.width = STEPS * STRIDE - 2;
      holder.append(row);
      const [now, frame] = [".now", ".frame"].map((part) => row.querySelector(part));
      return { ten, now, frame };
    });
  }

  walkTo(t) {
    this.at = t;
    this.slider.value = t * (STEPS - 1);
    this.paintNow();
    this.onWalk(t);
  }

  paintNow() {
    const step = Math.round(this.at * (STEPS - 1));
    this.slider.setAttribute("aria-valuetext", say(this.words.stepSpoken, { step: step + 1, steps: STEPS }));
    this.rows.forEach(({ paint }, number) => {
      const { now, frame } = this.pictures[number];
      ink(now.getContext("2d"), paint(this.at, blank()));
      frame.style.left = `${(100 * step * STRIDE) / (STEPS * STRIDE - 2)}%`;
    });
  }
}

// A play button that runs a value from 0 to 1; in small jumps for those who asked for less motion.
export class Player {
  constructor(button, words, onMove, off, seconds = WALK_SECONDS) {
    Object.assign(this, { button, words, onMove, seconds, at: 0, request: null });
    const turn = () => (this.request === null ? this.start() : this.stop());
    button.addEventListener("click", turn, { signal: off });
    this.stop();
  }

  start() {
    this.button.textContent = this.words.pause;
    this.button.setAttribute("aria-pressed", "true");
    if (this.at === 1) this.at = 0;
    const began = performance.now() - 1000 * this.seconds * this.at;
    const walk = (now) => {
      const share = Math.min(Math.max((now - began) / (1000 * this.seconds), this.at), 1);
      this.at = share;
      const t = wantsCalm() ? Math.floor(share * STEPS) / STEPS : share;
      if (share === 1) this.stop();
      else this.request = requestAnimationFrame(walk);
      this.onMove(share === 1 ? 1 : t);
    };
    this.request = requestAnimationFrame(walk);
  }

  /** Somebody else moved the value; the next start goes on from there. */
  stopAt(share) {
    this.stop();
    this.at = share;
  }

  stop() {
    if (this.request !== null) cancelAnimationFrame(this.request);
    this.request = null;
    this.button.textContent = this.words.play;
    this.button.setAttribute("aria-pressed", "false");
  }
}
