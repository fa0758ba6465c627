// One map on screen: its canvases, the cursor with the decoder's picture, the pins, the star.

import { ARROWS, isShortcut } from "../../engine/keys.js";
import { say } from "../../sentences.js";
import { AVERAGED, AverageDecoder, blank, ink } from "./decoder.js";
import { clusterLabels, drawClusterLabels, drawMap, rasterPicture } from "./marks.js";
import { View } from "./view.js";

const CLICK_SLACK = 5; // pixels a finger or mouse may move and still have clicked
const KEY_STEP = 8;
const SNAP = { mouse: 12, pen: 16, touch: 22 }; // pixels from a mark that still mean that mark

export class Panel {
  constructor(element, description, shared) {
    Object.assign(this, description, { element, shared, view: new View(description.box, description.home) });
    this.stage = element.querySelector(".stage");
    this.base = element.querySelector(".base");
    this.top = element.querySelector(".top");
    this.lens = element.querySelector(".lens");
    this.lensPicture = this.lens.querySelector("canvas");
    this.lensPen = this.lensPicture.getContext("2d", { willReadFrequently: true });
    this.ring = element.querySelector(".ring");
    this.painted = blank();
    this.cursor = null;
    this.ofToday = this.places; // where the digits are when no film shows the past
    this.pointers = new Map();
    this.waiting = false;
    this.listen();
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(this.stage);
  }

  // Drawing reads these as if they were the map's own.
  get labels() { return this.shared.labels; }
  get chosen() { return this.shared.chosen; }
  get hovered() { return this.shared.hovered; }
  get colours() { return this.shared.colours; }
  get atlas() { return this.shared.atlas; }
  get layers() {
    const { wallpaper, density, regions } = this.shared.layers;
    return this.film ? { wallpaper } : { wallpaper, density, regions };
  }

  // What paints a place. A map without its decoder (an epoch long gone, a training still running)
  // does with the average of the digits near there.
  get painter() {
    if (this.decoder && !this.film) return this.decoder;
    if (!this.atlas) return null;
    this.average ??= new AverageDecoder(this, this.atlas.digits);
    return this.average;
  }
  get palette() { return this.shared.palette; }
  get paper() { return this.shared.paper; }
  get paperColour() { return this.shared.paperColour; }
  get text() { return this.shared.text; }
  get font() { return this.shared.font; }

  close() {
    this.sizes.disconnect();
  }

  // --- drawing -----------------------------------------------------------------------------

  resize() {
    const { clientWidth: width, clientHeight: height } = this.stage;
    if (!width || !height) return;
    const dense = Math.min(window.devicePixelRatio || 1, 2);
    for (const canvas of [this.base, this.top]) {
      [canvas.width, canvas.height] = [width * dense, height * dense];
      canvas.getContext("2d").setTransform(dense, 0, 0, dense, 0, 0);
    }
    this.view.resize(width, height);
    this.redraw();
  }

  redraw() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      if (!this.stage.clientWidth) return; // a lesson hides the maps
      drawMap(this.base.getContext("2d"), this);
      this.element.dataset.marks = this.marks;
      this.drawTop();
      this.putCursor();
    });
  }

  // Show the digits of an epoch long gone, or with null those of the finished model.
  showEpoch(frame) {
    this.film = frame;
    this.element.classList.toggle("past", Boolean(frame));
    this.nameLens();
  }

  nameLens() {
    const { decoded, averaged } = this.shared.words;
    const name = this.decoder && !this.film ? decoded : say(averaged, { count: AVERAGED });
    this.lens.querySelector("figcaption").textContent = name;
  }

  move(places) {
    this.places = places;
    this.known = null;
    if (this.cursor) this.point(...this.cursor); // other digits are near it now, or another painter
    this.redraw();
  }

  clusters() {
    this.known ??= clusterLabels(this.places, this.labels, this.view.home);
    return this.known;
  }

  densityPicture() {
    const dark = this.shared.textColour;
    this.densityDrawn ??= rasterPicture(this.side, (i) => [...dark, 0.55 * this.density[i]]);
    return this.densityDrawn;
  }

  regionsPicture() {
    this.regionsDrawn ??= rasterPicture(this.side, (i) => [
      ...this.palette[this.regions.winners[i]], 0.6 * Math.max(this.regions.shares[i] - 60, 0),
    ]);
    return this.regionsDrawn;
  }

  forgetPictures() {
    [this.densityDrawn, this.regionsDrawn] = [null, null];
  }

  // The way from A to B, the star with its cloud, the chosen digit, and the pins' buttons.
  drawTop() {
    const context = this.top.getContext("2d");
    context.clearRect(0, 0, this.view.width, this.view.height);
    if (!this.film) {
      for (const way of this.ways ?? []) this.drawWay(context, way);
    }
    if (this.marks === "dots") drawClusterLabels(context, this);
    if (this.star && !this.film) this.drawStar(context);
    if (this.shared.selected !== null && 2 * this.shared.selected < this.places.length) {
      const [left, top] = this.toScreenOf(this.shared.selected);
      circle(context, left, top, 9, this.text, 2);
    }
    for (const [letter, button] of Object.entries(this.pins ?? {})) {
      const pin = this.shared.pins[letter];
      button.hidden = !pin || Boolean(this.film);
      if (!button.hidden) moveTo(button, ...this.view.toScreen(...pin.places[this.number]));
    }
  }

  drawWay(context, { at, dashed, walker }) {
    context.beginPath();
    for (let step = 0; step <= 40; step += 1) {
      const [left, top] = this.view.toScreen(...at(step / 40));
      if (step) context.lineTo(left, top);
      else context.moveTo(left, top);
    }
    context.setLineDash(dashed ? [2, 6] : []);
    context.lineCap = "round";
    context.lineWidth = 5;
    context.strokeStyle = this.paper;
    context.stroke();
    context.lineWidth = 2;
    context.strokeStyle = this.text;
    context.stroke();
    context.setLineDash([]);
    const [left, top] = this.view.toScreen(...at(walker));
    context.beginPath();
    context.arc(left, top, 6, 0, 2 * Math.PI);
    context.fillStyle = this.text;
    context.fill();
    context.lineWidth = 2;
    context.strokeStyle = this.paper;
    context.stroke();
  }

  drawStar(context) {
    const [left, top] = this.view.toScreen(...this.star.place);
    const cloud = this.star.cloud.map((place) => this.view.toScreen(...place));
    context.strokeStyle = this.shared.accent;
    context.lineWidth = 1;
    context.globalAlpha = 0.4;
    context.beginPath();
    for (const noisy of cloud) { // from the clean digit to where its noisy copies went
      context.moveTo(left, top);
      context.lineTo(...noisy);
    }
    context.stroke();
    context.globalAlpha = 1;
    for (const noisy of cloud) {
      context.beginPath();
      context.arc(...noisy, 5, 0, 2 * Math.PI);
      context.fillStyle = this.shared.accent;
      context.fill();
      context.lineWidth = 1.5;
      context.strokeStyle = this.paper;
      context.stroke();
    }
    context.beginPath();
    for (let corner = 0; corner < 10; corner += 1) {
      const radius = corner % 2 ? 5.5 : 13;
      const angle = (Math.PI * corner) / 5 - Math.PI / 2;
      context.lineTo(left + radius * Math.cos(angle), top + radius * Math.sin(angle));
    }
    context.closePath();
    context.fillStyle = this.shared.accent;
    context.fill();
    context.lineWidth = 2;
    context.lineJoin = "round";
    context.strokeStyle = this.paper;
    context.stroke();
  }

  // --- the cursor ---------------------------------------------------------------------------

  // The nearest test digit that the legend lets through, and how many pixels away it is.
  nearest(x, y) {
    const { places, labels, chosen } = this;
    let [best, least] = [-1, Infinity];
    for (let i = 0; i < places.length / 2; i += 1) {
      const distance = (places[2 * i] - x) ** 2 + (places[2 * i + 1] - y) ** 2;
      if (distance < least && (!chosen.size || chosen.has(labels[i]))) [best, least] = [i, distance];
    }
    return [best, Math.sqrt(least) * this.view.scale];
  }

  placeOf(index) {
    return [this.places[2 * index], this.places[2 * index + 1]];
  }

  // Ways lead over today's map, whatever epoch is shown.
  placeTodayOf(index) {
    return [this.ofToday[2 * index], this.ofToday[2 * index + 1]];
  }

  toScreenOf(index) {
    return this.view.toScreen(...this.placeOf(index));
  }

  // Put the cursor at a place and paint what belongs there.
  point(x, y) {
    this.cursor = [x, y];
    const { painter } = this;
    if (painter) ink(this.lensPen, painter.paint(x, y, this.painted));
    this.putCursor();
  }

  putCursor() {
    this.lens.hidden = !this.cursor;
    this.ring.hidden = !this.cursor;
    if (!this.cursor) return;
    [this.lens.dataset.x, this.lens.dataset.y] = this.cursor;
    const [left, top] = this.view.toScreen(...this.cursor);
    const { width, height } = this.view;
    const isInside = left >= 0 && top >= 0 && left <= width && top <= height;
    this.lens.hidden = this.ring.hidden = !isInside;
    if (!isInside) return;
    moveTo(this.ring, left, top);
    moveTo(this.lens, ...this.roomForLens(left, top));
  }

  // Beside the cursor, in the corner where the lens hides the fewest pins and stars.
  roomForLens(left, top) {
    const { width, height } = this.view;
    const { offsetWidth: wide, offsetHeight: high } = this.lens;
    const inside = (at, most) => Math.min(Math.max(at, 0), Math.max(most, 0));
    const [right, above] = [left + 18, top - 18 - high];
    const [leftwards, below] = [left - 18 - wide, top + 18];
    const corners = [[right, above], [leftwards, above], [right, below], [leftwards, below]];
    const landmarks = this.landmarks();
    const hidden = ([x, y]) => {
      const [x0, y0] = [inside(x, width - wide), inside(y, height - high)];
      const covers = ([px, py]) => px > x0 - 14 && px < x0 + wide + 14 && py > y0 - 14 && py < y0 + high + 14;
      const moved = Math.abs(x - x0) + Math.abs(y - y0) > 0;
      return landmarks.filter(covers).length + (moved ? 0.5 : 0) + (covers([left, top]) ? 10 : 0);
    };
    const [x, y] = corners.reduce((best, corner) => (hidden(corner) < hidden(best) ? corner : best));
    return [inside(x, width - wide), inside(y, height - high)];
  }

  // Where the pins and the star are on screen.
  landmarks() {
    if (this.film) return [];
    const pins = Object.values(this.shared.pins ?? {}).filter(Boolean);
    const places = pins.map((pin) => pin.places[this.number]);
    if (this.star) places.push(this.star.place);
    return places.map((place) => this.view.toScreen(...place));
  }

  winnerAt(x, y) {
    const [left, bottom, right, top] = this.box;
    const column = Math.floor((this.side * (x - left)) / (right - left));
    const row = Math.floor((this.side * (y - bottom)) / (top - bottom));
    const isInside = column >= 0 && row >= 0 && column < this.side && row < this.side;
    return isInside && this.regions && !this.film ? this.regions.winners[row * this.side + column] : null;
  }

  // --- mouse, finger and keyboard -----------------------------------------------------------

  listen() {
    const { stage } = this;
    stage.addEventListener("pointerdown", (event) => this.press(event));
    stage.addEventListener("pointermove", (event) => this.drag(event));
    stage.addEventListener("pointerup", (event) => this.release(event));
    stage.addEventListener("pointercancel", (event) => this.pointers.delete(event.pointerId));
    stage.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse" && !this.pointers.size) this.shared.leave();
    });
    stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    stage.addEventListener("keydown", (event) => this.key(event));
  }

  offset(event) {
    const { left, top } = this.stage.getBoundingClientRect();
    return [event.clientX - left - this.stage.clientLeft, event.clientY - top - this.stage.clientTop];
  }

  press(event) {
    if (event.target.closest(".pin") || event.button > 0) return;
    this.stage.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, this.offset(event));
    this.hasMoved = this.pointers.size > 1;
    this.pressedAt = this.offset(event);
    if (event.pointerType === "touch" && this.pointers.size === 1) this.hover(event);
  }

  drag(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType !== "touch") this.hover(event);
      return;
    }
    const now = this.offset(event);
    this.pointers.set(event.pointerId, now);
    if (distance(now, this.pressedAt) > CLICK_SLACK) this.hasMoved = true;
    if (!this.hasMoved) return;
    if (this.pointers.size === 2) {
      this.pinch(event.pointerId, before, now);
    } else if (event.pointerType === "touch") {
      this.hover(event);
      return;
    } else {
      this.view.pan(now[0] - before[0], now[1] - before[1]);
    }
    this.redraw();
  }

  pinch(id, before, now) {
    const [other] = [...this.pointers].filter(([key]) => key !== id).map(([, at]) => at);
    const middle = [0, 1].map((axis) => (now[axis] + other[axis]) / 2);
    this.view.pan((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
    this.view.zoom(distance(now, other) / Math.max(distance(before, other), 1), ...middle);
  }

  release(event) {
    const wasDown = this.pointers.delete(event.pointerId);
    if (!wasDown || this.hasMoved || event.target.closest(".pin")) return;
    const [x, y] = this.view.toMap(...this.offset(event));
    const [index, away] = this.nearest(x, y);
    if (index >= 0 && away <= SNAP[event.pointerType]) this.shared.select(index);
  }

  wheel(event) {
    const factor = Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016));
    // When there is no further out, the wheel scrolls the page as usual.
    if (!this.view.zoom(factor, ...this.offset(event))) return;
    event.preventDefault();
    this.hover(event);
    this.redraw();
  }

  hover(event) {
    this.shared.hover(this, this.view.toMap(...this.offset(event)), event.timeStamp);
  }

  key(event) {
    if (event.target !== this.stage || isShortcut(event)) return;
    const [x, y] = this.cursor ?? [this.view.x, this.view.y];
    const [left, top] = this.view.toScreen(x, y);
    if (event.key in ARROWS) {
      const step = KEY_STEP * (event.shiftKey ? 5 : 1);
      const [right, down] = ARROWS[event.key].map((way) => way * step);
      this.shared.hover(this, this.view.toMap(left + right, top + down), event.timeStamp);
      this.keepInSight(left + right, top + down);
    } else if (event.key === "+" || event.key === "=") this.zoomBy(1.5, left, top);
    else if (event.key === "-") this.zoomBy(1 / 1.5, left, top);
    else if (event.key === "0") this.goHome();
    else if (event.key === "Enter") this.shared.select(this.nearest(x, y)[0]);
    else if (event.key === "Escape") this.shared.select(null);
    else if (/^[ab]$/i.test(event.key)) this.shared.pin(event.key.toUpperCase(), this, [x, y], SNAP.mouse);
    else return;
    event.preventDefault();
  }

  keepInSight(left, top) {
    const edge = 24;
    const right = Math.max(edge - left, 0) - Math.max(left - this.view.width + edge, 0);
    const down = Math.max(edge - top, 0) - Math.max(top - this.view.height + edge, 0);
    if (!right && !down) return;
    this.view.pan(right, down);
    this.redraw();
  }

  zoomBy(factor, left, top) {
    this.view.zoom(factor, left, top);
    this.redraw();
  }

  goHome() {
    this.view.show(this.view.home);
    this.redraw();
  }

  // A pin is a button: Tab finds it, arrows or the mouse move it.
  addPin(letter, name) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "pin";
    button.dataset.pin = letter;
    button.textContent = letter;
    button.setAttribute("aria-label", name);
    this.pins = { ...this.pins, [letter]: button };
    this.stage.append(button);
    const put = (left, top, slack) => this.shared.pin(letter, this, this.view.toMap(left, top), slack);
    button.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      button.setPointerCapture(event.pointerId);
      button.focus();
      event.preventDefault();
    });
    button.addEventListener("pointermove", (event) => {
      if (button.hasPointerCapture(event.pointerId)) put(...this.offset(event), SNAP.mouse / 2);
    });
    button.addEventListener("keydown", (event) => {
      if (!(event.key in ARROWS) || isShortcut(event)) return;
      const step = KEY_STEP * (event.shiftKey ? 5 : 1);
      const [left, top] = this.view.toScreen(...this.shared.pins[letter].places[this.number]);
      put(left + step * ARROWS[event.key][0], top + step * ARROWS[event.key][1], 0);
      event.preventDefault();
    });
  }
}

const distance = ([x0, y0], [x1, y1]) => Math.hypot(x1 - x0, y1 - y0);

function moveTo(element, left, top) {
  element.style.transform = `translate(${left}px, ${top}px)`;
}

function circle(context, left, top, radius, colour, width) {
  context.beginPath();
  context.arc(left, top, radius, 0, 2 * Math.PI);
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.stroke();
}

export function rgbOf(colour) {
  const context = document.createElement("canvas").getContext("2d");
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
}
