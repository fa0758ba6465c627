// A pipeline strip that goes on by itself: while the pen or the noise's slider moves, its networks
// answer here, on every frame, on top of the pictures that the server put there. When the server
// has caught up, its own pictures show again: they are the same.

import { say } from "../sentences.js";
import { clearAttempts, showAttempts } from "./attempts.js";
import { bytesOf } from "./base64.js";
import { addNoise } from "./noise.js";
import { reconstruct } from "./network.js";
import { hasCaughtUp, Pen } from "./pen.js";
import { canvasIn, over, write } from "./overlay.js";
import { decibels, meanSquaredError, outlineOfBars, paintDifference, paintGrey } from "./pictures.js";
import { openNetwork } from "./weights.js";

const REST = 4000; // ms after the pen's last move, when the server's answer counts whatever it shows

/**
 * What the server says (live.py).
 *
 * @typedef {object} News
 * @property {string} strip    which strip of the page
 * @property {object[]} models descriptions for `openNetwork`
 * @property {string} image    the picture looked at: 784 floats in Base64
 * @property {string} kind     the noise; with it its field and the level that the server's strip has
 * @property {string} field    doubles in Base64
 * @property {number} level
 * @property {string} slider   the class of the slider's container
 * @property {string} label    what the slider is called: by another name it moves another kind of noise
 * @property {boolean} pen     whether the strip follows the drawing canvas
 * @property {object} words
 */
class LiveStrip {
  constructor() {
    this.off = new AbortController();
    this.networks = new Map();
    this.drawn = null; // what the pen has drawn, as long as the server has not answered with it
    this.observer = new MutationObserver(() => this.ask());
    this.observer.observe(document.querySelector('[data-testid="stMain"]') ?? document.body, {
      subtree: true, childList: true, attributes: true, attributeFilter: ["aria-valuetext"],
    });
    this.inView = new InView(() => this.ask());
  }

  close() {
    this.off.abort();
    this.observer.disconnect();
    this.inView.disconnect();
    clearTimeout(this.resting);
    cancelAnimationFrame(this.asked);
    this.clear();
  }

  /** @param {News} news */
  async take(news) {
    this.news = news;
    this.image = new Float32Array(bytesOf(news.image).buffer);
    this.noise = { kind: news.kind, field: new Float64Array(bytesOf(news.field).buffer) };
    if (news.pen && !this.pen) {
      const trouble = () => this.say(this.news.words.canvas);
      this.pen = new Pen((prepared, since) => this.follow(prepared, since), trouble, this.off.signal);
    }
    if (this.drawn && !this.pen.isDown && hasCaughtUp(this.image, this.drawn.image)) this.drawn = null;
    this.ask();
    await Promise.all(news.models.map((model) => this.open(model)));
    if (this.networks.size && !this.ready) this.ready = performance.mark("live-strip-ready");
  }

  async open(model) {
    try {
      this.networks.set(model.name, await openNetwork(model));
      this.ask();
    } catch {
      this.networks.delete(model.name);
      this.say(say(this.news.words.weights, { model: model.title }));
    }
  }

  // --- what moves: the pen, the slider -------------------------------------------------------

  follow(prepared, since) {
    if (this.off.signal.aborted) return;
    clearTimeout(this.resting);
    this.drawn = prepared;
    this.resting = setTimeout(() => {
      if (this.pen.isDown) return;
      this.drawn = null;
      this.ask();
    }, REST);
    this.show(since);
  }

  // The slider is the first to hear of another kind of noise, whose levels mean something else.
  get level() {
    const input = document.querySelector(`.${this.news.slider} input[type="range"]`);
    return input?.ariaLabel === this.news.label ? Number(input.value) : this.news.level;
  }

  // Anything may have changed: the slider, or the page, which the server renews as it likes.
  ask() {
    const since = performance.now();
    this.asked ??= requestAnimationFrame(() => {
      this.asked = null;
      this.show(since);
    });
  }

  // --- what is shown -------------------------------------------------------------------------

  get element() {
    return document.querySelector(`[data-strip="${this.news.strip}"]`);
  }

  show(since) {
    const strip = this.element;
    if (!strip || !this.networks.size) return;
    const { level } = this;
    const isAhead = Boolean(this.drawn) || Math.abs(level - this.news.level) > 1e-6;
    markBehind(Boolean(this.drawn));
    if (!isAhead) {
      this.clear();
      return;
    }
    this.shown = true;
    const image = this.drawn?.image ?? this.image;
    const seen = level > 0 ? addNoise(image, this.noise, level) : image;
    strip.classList.replace("waiting", "waited");
    strip.style.setProperty("--stages", level > 0 ? 5 : 4);
    if (strip.matches(".attempts")) showAttempts(strip, this.networks, image, seen);
    for (const row of strip.querySelectorAll(".strip-row[data-model]")) {
      const network = this.networks.get(row.dataset.model);
      row.classList.toggle("behind", !network);
      if (network && this.inView.has(row)) this.showRow(row, network, image, seen, level > 0);
    }
    if (this.drawn) showSteps(this.drawn);
    performance.measure("live-strip", { start: since, end: performance.now() });
    if ((this.frames = (this.frames ?? 0) + 1) % 5000 === 0) performance.clearMeasures("live-strip");
    this.observer.takeRecords(); // what changed just now was our own doing
  }

  showRow(row, network, image, seen, withNoise) {
    const { code, reconstruction } = reconstruct(network, seen);
    const error = meanSquaredError(image, reconstruction);
    if (!Number.isFinite(error)) {
      row.classList.add("behind");
      this.say(say(this.news.words.weights, { model: network.title }));
      return;
    }
    paintGrey(over(row.querySelector(".given")), image);
    const noisy = noisyStage(row, withNoise, this.news.words.noisy);
    if (noisy) paintGrey(over(noisy), seen);
    showCode(row.querySelector(".coded"), code);
    paintGrey(over(row.querySelector(".decoded")), reconstruction);
    paintDifference(over(row.querySelector(".compared")), image, reconstruction);
    const [mse, psnr] = row.querySelectorAll(".strip-numbers b");
    write(mse, error.toFixed(4));
    write(psnr, `${error ? decibels(error).toFixed(1) : "∞"} dB`);
  }

  // The server's pictures again.
  clear() {
    if (!this.shown) return;
    this.shown = false;
    markBehind(false);
    for (const strip of [this.element, document.querySelector(".steps")]) {
      if (!strip) continue;
      for (const live of strip.querySelectorAll(".live")) live.remove();
      for (const hidden of strip.querySelectorAll("[data-was-hidden]")) {
        hidden.hidden = false;
        delete hidden.dataset.wasHidden;
      }
      for (const number of strip.querySelectorAll("[data-was]")) {
        number.textContent = number.dataset.was;
        delete number.dataset.was;
      }
      for (const row of strip.querySelectorAll(".behind")) row.classList.remove("behind");
      clearAttempts(strip);
    }
    this.element?.classList.replace("waited", "waiting");
    this.element?.style.setProperty("--stages", this.news.level > 0 ? 5 : 4);
  }

  // One sentence under the strip; the server goes on answering.
  say(sentence) {
    const strip = this.element;
    if (!strip) return;
    const note = strip.querySelector(".trouble") ?? document.createElement("p");
    note.className = "small trouble";
    note.setAttribute("role", "status");
    note.textContent = sentence;
    strip.append(note);
  }
}

// Which rows somebody can see. On a phone that is one or two of six, and the others need not keep
// up: they do as soon as they come into view.
class InView {
  constructor(onChange) {
    this.outside = new WeakSet();
    this.observer = new IntersectionObserver((changes) => {
      for (const { target, isIntersecting } of changes) {
        if (isIntersecting) this.outside.delete(target);
        else this.outside.add(target);
      }
      if (changes.some(({ isIntersecting }) => isIntersecting)) onChange();
    }, { rootMargin: "100px" });
  }

  has(row) {
    this.observer.observe(row); // once is enough, and again does nothing
    return !this.outside.has(row);
  }

  disconnect() {
    this.observer.disconnect();
  }
}

// The stage with the noisy image: the server's own, or one put in while the slider leaves 0.
function noisyStage(row, wanted, caption) {
  let stage = row.querySelector(".seen");
  if (!wanted) {
    if (stage?.classList.contains("live")) stage.remove();
    else if (stage) [stage.hidden, stage.dataset.wasHidden] = [true, ""];
    return null;
  }
  if (!stage) {
    stage = row.querySelector(".given").cloneNode(true);
    stage.classList.replace("given", "seen");
    stage.classList.add("live");
    stage.querySelector("img").alt = caption;
    stage.querySelector("figcaption").textContent = caption;
    row.querySelector(".given").after(stage);
  }
  stage.hidden = false;
  return stage;
}

// A code as the server draws it (code_picture in pictures.py): a dot, bars, or maps.
function showCode(stage, code) {
  const picture = stage.querySelector("figure > .code:not(.live)");
  const highest = code.reduce((most, number) => Math.max(most, Math.abs(number)), 0) || 1;
  if (!picture.matches(".dot, .bars")) {
    const [values, width, height] = code.length === 1568 ? sheetOfMaps(code) : squareOf(code);
    paintGrey(over(stage), values.map((value) => value / highest), width, height);
    return;
  }
  let copy = stage.querySelector(".code.live");
  if (!copy) {
    copy = picture.cloneNode(true);
    copy.classList.add("live");
    copy.setAttribute("aria-hidden", "true");
    picture.after(copy);
  }
  const marks = copy.children;
  if (copy.matches(".dot")) {
    marks[0].style.left = `${50 + (44 * code[0]) / highest}%`;
    marks[0].style.top = `${50 - (44 * code[1]) / highest}%`;
    return;
  }
  marks[0].style.clipPath = outlineOfBars(code, highest);
}

// 32 maps of 7 x 7, eight in a row, a dark pixel between them.
function sheetOfMaps(code) {
  const sheet = new Float32Array(63 * 31);
  for (let map = 0; map < 32; map += 1) {
    const corner = 8 * Math.floor(map / 8) * 63 + 8 * (map % 8);
    for (let y = 0; y < 7; y += 1) {
      for (let x = 0; x < 7; x += 1) {
        sheet[corner + 63 * y + x] = Math.abs(code[32 * (7 * y + x) + map]);
      }
    }
  }
  return [sheet, 63, 31];
}

function squareOf(code) {
  const side = Math.ceil(Math.sqrt(code.length));
  const cells = new Float32Array(side * side);
  cells.set(code.map(Math.abs));
  return [cells, side, side];
}

// How the drawing became an MNIST image: the page's three pictures of it, if it shows them.
function showSteps({ cropped, fitted, image }) {
  const steps = document.querySelectorAll(".steps figure span");
  const pictures = [cropped, fitted, { data: image, width: 28, height: 28 }];
  steps.forEach((frame, number) => {
    const { data, width, height } = pictures[number];
    paintGrey(canvasIn(frame), data, width, height);
  });
}

// The neighbours are looked up on the server: while the pen is ahead, they belong to another digit.
function markBehind(behind) {
  for (const each of document.querySelectorAll(".neighbours")) each.classList.toggle("behind", behind);
}

const STRIPS = new WeakMap(); // one a place on the page, kept when the server sends its news again

export default function live({ data, parentElement }) {
  if (!STRIPS.has(parentElement)) STRIPS.set(parentElement, new LiveStrip());
  STRIPS.get(parentElement).take(data);
  return () => {
    STRIPS.get(parentElement)?.close();
    STRIPS.delete(parentElement);
  };
}
