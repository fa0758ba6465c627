import { ARROWS, isShortcut } from "../../engine/keys.js";
import { seenFrom } from "../../engine/network.js";
import { say } from "../../sentences.js";
import { largest, paintDigit, paintSigned } from "./colours.js";
import { Cells, LEGIBLE, Tiles } from "./layer_picture.js";
import { filterValues, stagesOf, unitsLayerOf } from "./stages.js";
import { indexOf, partsOf, placeOf } from "./tracing.js";

const MOST_LINKS = 12;
const SMALLEST = 4;
// How a network may be laid out, the best first: until when its pictures may shrink, how many rows
// of maps it may have, and whether there is room for filters. Filters of a whole image say more
// than large cells; those of 3 x 3 say less than large maps.
const ATTEMPTS = [
  { least: 28, rows: 8, withFilters: true },
  { least: 14, rows: 8, withFilters: true, forImages: true },
  { least: 28, rows: 8, withFilters: false },
  { least: SMALLEST, rows: 16, withFilters: false },
];
const MOST_UNSORTED = 64; // cells that are seen at a glance: more of them may be sorted
const TURNED = 700; // narrower than this, the network runs from top to bottom

/** The network, unfolded from left to right, with the values that it has now. */
export class NetworkView {
  constructor(inside) {
    this.inside = inside;
    this.diagram = inside.find(".diagram");
    this.links = inside.find(".links");
    this.build();
    const observer = new ResizeObserver(() => this.layout());
    observer.observe(this.diagram.parentElement);
    const { signal } = inside.off;
    signal.addEventListener("abort", () => observer.disconnect());
    inside.find(".sorted").addEventListener("change", () => {
      this.paint();
      this.mark();
    }, { signal });
  }

  build() {
    const { inside } = this;
    this.field = inside.find(".field");
    this.diagram.after(this.field); // out of the network before, which goes now
    for (const old of this.diagram.querySelectorAll(".stage")) old.remove();
    this.stages = stagesOf(inside.live).map((stage) => this.built(stage));
    inside.find(".check").hidden = !this.stages.some(({ picture }) => picture.sort && picture.count > MOST_UNSORTED);
    const [first, last] = [this.stages[0], this.stages.at(-1)];
    const [left, right] = this.diagram.querySelectorAll(".end");
    left.querySelector(".end-stage").replaceChildren(first.element);
    right.querySelector(".end-stage").replaceChildren(last.element);
    right.before(...this.stages.slice(1, -1).map(({ element }) => element));
    first.plate.append(this.field);
    this.layout();
  }

  built(stage) {
    const { inside } = this;
    const element = inside.find("#stage").content.firstElementChild.cloneNode(true);
    const [canvas, plate] = [element.querySelector("canvas"), element.querySelector(".plate")];
    const picture = stage.shape.length === 3
      ? new Tiles(canvas, stage.shape, stage.isSigned)
      : new Cells(canvas, stage.shape[0], stage.isSigned);
    const built = { ...stage, element, canvas, plate, picture, mark: element.querySelector(".mark") };
    element.classList.add(stage.kind);
    element.classList.toggle("code-stage", Boolean(stage.isCode));
    element.dataset.layer = stage.at;
    element.querySelector("figcaption b").textContent = this.titleOf(stage);
    element.querySelector(".size").textContent = this.sizeOf(stage);
    plate.setAttribute("aria-label", `${this.titleOf(stage)}, ${this.sizeOf(stage)}`);
    this.listen(built);
    return built;
  }

  titleOf({ kind, at, isCode, isFirst }) {
    const { words, live } = this.inside;
    if (kind === "image") return words.imageStage;
    if (kind === "reconstruction") return words.reconstructionStage;
    if (kind === "filters") return isFirst ? words.firstFilters : words.lastFilters;
    const title = words[live.layers[at].kind];
    return isCode ? say(words.codeStage, { layer: title }) : title;
  }

  sizeOf({ kind, shape }) {
    const { words } = this.inside;
    const [height, width, count] = shape;
    if (kind === "image" || kind === "reconstruction") return say(words.pixels, { height, width });
    if (kind === "filters") return say(words.filters, { height, width, count });
    if (shape.length === 3) return say(words.maps, { height, width, count });
    return shape[0] === 1 ? words.number : say(words.numbers, { count: shape[0] });
  }

  // --- pointing ------------------------------------------------------------------------------

  listen(stage) {
    const { inside } = this;
    const { plate } = stage;
    const indexAt = (event) => {
      const box = stage.canvas.getBoundingClientRect();
      const zoom = box.width / stage.canvas.offsetWidth || 1;
      return stage.picture.indexAt((event.clientX - box.left) / zoom, (event.clientY - box.top) / zoom);
    };
    plate.addEventListener("pointermove", (event) => {
      if (this.dragged) return;
      const index = indexAt(event);
      if (index !== null) inside.point(this.numberOf(stage, index));
    });
    plate.addEventListener("pointerleave", () => inside.point(null));
    plate.addEventListener("pointerdown", (event) => {
      const index = indexAt(event);
      if (index === null) return;
      inside.pin(this.numberOf(stage, index));
      this.drag(stage, event);
    });
    plate.addEventListener("focus", () => {
      stage.cursor ??= 0;
      if (plate.matches(":focus-visible")) inside.pin(this.numberOf(stage, stage.cursor));
    });
    plate.addEventListener("keydown", (event) => this.press(stage, event));
    stage.element.addEventListener("pointerenter", () => inside.code.light(stage.at));
    stage.element.addEventListener("pointerleave", () => inside.code.light(null));
  }

  // A number of the network: its layer, and its place among the layer's answers.
  numberOf(stage, index) {
    const { layers } = this.inside.live;
    stage.cursor = index;
    if (stage.kind !== "filters") return { at: stage.at, index };
    const at = unitsLayerOf(layers, stage);
    const unit = index % stage.shape[2];
    if (layers[at].shape.length < 3) return { at, index: unit };
    const [height, width, maps] = layers[at].shape;
    return { at, index: (Math.floor(height / 2) * width + Math.floor(width / 2)) * maps + unit };
  }

  // Up makes the number larger, down smaller: the height of the plate is the range of its layer.
  drag(stage, event) {
    const { inside } = this;
    const number = inside.pinned;
    if (event.pointerType === "touch" || event.button !== 0) return;
    if (!number || !inside.unit.canHold(number)) return;
    const [from, start] = [event.clientY, inside.unit.valueOf(number)];
    const range = inside.unit.rangeOf(number);
    const reach = 160;
    const over = new AbortController();
    inside.off.signal.addEventListener("abort", () => over.abort(), { signal: over.signal });
    const move = (later) => {
      if (later.pointerId !== event.pointerId) return;
      if (!this.dragged && Math.abs(later.clientY - from) < 4) return;
      this.dragged = true;
      const value = start + ((from - later.clientY) / reach) * (range.most - range.least);
      inside.unit.hold(number, Math.min(Math.max(value, range.least), range.most));
    };
    const end = (later) => {
      if (later.pointerId !== event.pointerId) return;
      this.dragged = false;
      over.abort();
    };
    addEventListener("pointermove", move, { signal: over.signal });
    for (const type of ["pointerup", "pointercancel"]) addEventListener(type, end, { signal: over.signal });
  }

  press(stage, event) {
    if (isShortcut(event)) return;
    const { inside } = this;
    const [right, down] = ARROWS[event.key] ?? [0, 0];
    const { picture } = stage;
    if (right || down) {
      const isFine = event.shiftKey || stage.shape[2] === 1;
      const within = isFine && picture.within;
      inside.pin(this.numberOf(stage, (within ? picture.within(stage.cursor, right, down) : picture.beside(stage.cursor, right, down))));
    } else if (event.key === "Enter" || event.key === " " || event.key === "Delete") {
      inside.unit.toggle();
    } else if (event.key === "+" || event.key === "-") {
      inside.unit.nudge(event.key === "+" ? 1 : -1);
    } else if (event.key === "Escape") {
      inside.pin(null);
    } else {
      return;
    }
    event.preventDefault();
  }

  // --- drawing -------------------------------------------------------------------------------

  /** Give every stage the size for which all of them fit beside each other. */
  layout() {
    const box = this.diagram.getBoundingClientRect();
    if (!box.width || box.width === this.width || matchMedia("print").matches) return;
    this.width = box.width;
    this.diagram.style.setProperty("--wide", box.width); // on paper, inside.css makes it fit
    const isTurned = box.width < TURNED;
    this.diagram.classList.toggle("turned", isTurned);
    const inner = this.stages.slice(1, -1);
    const ends = Math.floor((isTurned ? box.width / 2 - 12 : Math.min(Math.max(box.width * 0.125, 112), 224)) / 28);
    for (const stage of [this.stages[0], this.stages.at(-1)]) stage.picture.lay(stage.picture.sized(ends, 1));
    this.diagram.style.setProperty("--end", `${28 * ends}px`);
    if (isTurned) {
      for (const { picture } of inner) picture.lay(picture.sizeAcross(box.width));
    } else {
      this.fit(inner, box.width - 2 * 28 * ends);
    }
    this.paint();
    this.mark();
    if (this.inside.values) this.inside.unit.update();
  }

  fit(stages, width) {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const [room, narrowest, gap] = [30 * rem, 4.6 * rem, 0.9 * rem];
    const ofImages = stages.some(({ kind, shape }) => kind === "filters" && shape[0] === 28);
    for (const { least, rows, withFilters, forImages } of ATTEMPTS) {
      if (forImages && !ofImages) continue;
      const shown = stages.filter(({ kind }) => withFilters || kind !== "filters");
      for (let scale = 44; scale >= least; scale -= 1) {
        const sizes = shown.map(({ picture }) => picture.sizeFor(scale, room, rows));
        const taken = sizes.reduce((sum, size) => sum + Math.max(size.width, narrowest) + gap, gap);
        if (taken > width && scale > SMALLEST) continue;
        for (const stage of stages) stage.element.hidden = !shown.includes(stage);
        shown.forEach(({ picture }, i) => picture.lay(sizes[i]));
        return;
      }
    }
  }

  /** Paint every layer with the values it has now. */
  paint() {
    const { colours, values, live, typical, seen } = this.inside;
    if (!values || !this.width) return;
    const isSorted = this.inside.find(".sorted").checked;
    for (const stage of this.stages) {
      const { kind, at, picture, element } = stage;
      if (element.hidden) continue;
      element.classList.toggle("silent", kind === "values" && live.silent.has(at));
      if (kind === "image") paintDigit(stage.canvas, seen);
      else if (kind === "reconstruction") paintDigit(stage.canvas, this.inside.answer);
      else if (kind === "filters") this.paintFilters(stage);
      else {
        if (picture.sort) picture.sort(isSorted && picture.count > MOST_UNSORTED ? values[at + 1] : null);
        picture.paint(values[at + 1], typical[at + 1], colours);
        element.querySelector(".active").textContent = this.activity(stage, values[at + 1]);
      }
    }
  }

  // The filters change only when somebody touches the weights, or the theme.
  paintFilters(stage) {
    const layer = this.inside.live.layers[stage.at];
    if (stage.painted === layer.kernel && stage.wasWide === this.width && stage.theme === this.inside.colours) return;
    Object.assign(stage, { painted: layer.kernel, wasWide: this.width, theme: this.inside.colours });
    const values = filterValues(layer, stage);
    stage.picture.paint(values, 0.6 * largest(values), this.inside.colours);
  }

  activity({ at, isSigned, shape }, values) {
    const { words, live } = this.inside;
    if (live.silent.has(at)) return words.isOff;
    if (isSigned) return "";
    if (shape.length === 1) {
      return say(words.active, { active: values.reduce((sum, value) => sum + (value > 0 ? 1 : 0), 0) });
    }
    const maps = new Set();
    values.forEach((value, i) => value > 0 && maps.add(i % shape[2]));
    return say(words.activeMaps, { active: maps.size });
  }

  /** Frame the number that is looked at, and draw what feeds it and what it feeds. */
  mark() {
    const { looked, live } = this.inside;
    if (!this.width) return;
    for (const stage of this.stages) {
      const index = this.indexIn(stage, looked);
      stage.mark.hidden = index === null;
      if (index === null) continue;
      const frame = stage.picture.frameOf(index);
      place(stage.mark, frame);
      const dot = stage.mark.firstElementChild;
      dot.hidden = stage.kind === "filters" || stage.shape.length < 3;
      if (!dot.hidden) {
        const box = stage.picture.boxOf(index);
        place(dot, { ...box, left: box.left - frame.left, top: box.top - frame.top });
      }
    }
    this.places = new Map();
    this.drawn = [];
    if (looked && !this.diagram.classList.contains("turned")) this.link(looked, live.layers);
    this.links.replaceChildren(...this.drawn);
  }

  // Where a stage shows the number, or the unit that it belongs to; null if it does not.
  indexIn(stage, number) {
    if (!number || !stage.picture.columns || stage.element.hidden) return null;
    if (stage.kind !== "filters") return stage.at === number.at ? number.index : null;
    const { live } = this.inside;
    return unitsLayerOf(live.layers, stage) === number.at ? live.unitOf(number.at, number.index) : null;
  }

  link({ at, index }, layers) {
    const { values } = this.inside;
    const here = this.boxOn(at, index);
    if (!here) return;
    const layer = layers[at];
    const listening = this.filterBox(true, at, index);
    if (listening) {
      this.draw(this.boxOn(-1, 0, true), listening, "way");
      this.draw(listening, here, "way");
    } else if (layer?.kernel) { // a pixel has no layer
      const { parts } = partsOf(layer, values[at], index);
      const strongest = Math.abs(parts[0].share) || 1;
      for (const { from, share } of parts.slice(0, MOST_LINKS)) {
        const there = this.boxOn(this.before(at).at, layer.kind === "conv" ? this.centreOf(at, index, from) : from);
        if (there && share) this.draw(there, here, share > 0 ? "more" : "less", share / strongest);
      }
    }
    this.linkOnwards(at, index, here);
  }

  linkOnwards(at, index, here) {
    const { live, values } = this.inside;
    const painting = this.filterBox(false, at, index);
    if (painting) {
      this.draw(here, painting, "way");
      this.draw(painting, this.boxOn(this.stages.at(-1).at, 0, true), "way");
      return;
    }
    const next = live.layers.findIndex(({ kernel }, i) => i > at && kernel);
    const layer = live.layers[next];
    if (layer?.kind !== "dense" || next === this.stages.at(-1).at || values[at + 1].length !== layer.inputShape[0]) return;
    const [outputs] = layer.shape;
    const shares = Array.from({ length: outputs }, (_, to) => ({ to, share: values[at + 1][index] * layer.kernel[index * outputs + to] }));
    shares.sort((a, b) => Math.abs(b.share) - Math.abs(a.share));
    for (const { to, share } of shares.slice(0, MOST_LINKS)) {
      const there = this.boxOn(next, to);
      if (there && share) this.draw(here, there, share > 0 ? "more" : "less", share / shares[0].share);
    }
  }

  // The stage before a layer: layers that only reshape show nothing of their own.
  before(at) {
    return this.stages.findLast(({ at: other, kind }) => kind !== "filters" && other < at);
  }

  centreOf(at, index, map) {
    const layer = this.inside.live.layers[at];
    const [y, x] = placeOf(layer.shape, index);
    return indexOf(layer.inputShape, seenFrom(layer, y) + 1, seenFrom(layer, x) + 1, map);
  }

  // Where on the diagram a stage shows a number, or, if asked for, the whole stage.
  boxOn(at, index, whole = false) {
    const stage = this.stages.find((each) => each.at === at && each.kind !== "filters");
    if (!stage) return null;
    const { picture } = stage;
    return this.boxOf(stage, whole ? { left: 0, top: 0, width: picture.width, height: picture.height } : picture.boxOf(index));
  }

  // The filter of a unit, if it is shown: what it listens to, or what it paints.
  filterBox(isFirst, at, index) {
    const { live } = this.inside;
    const stage = this.stages.find((each) => each.kind === "filters" && each.isFirst === isFirst && !each.element.hidden);
    if (!stage || unitsLayerOf(live.layers, stage) !== at) return null;
    return this.boxOf(stage, stage.picture.frameOf(live.unitOf(at, index)));
  }

  boxOf(stage, box) {
    if (!this.places.has(stage)) {
      const [outer, inner] = [this.diagram.getBoundingClientRect(), stage.canvas.getBoundingClientRect()];
      this.places.set(stage, [inner.left - outer.left, inner.top - outer.top]);
    }
    const [left, top] = this.places.get(stage);
    const { width, cell } = stage.picture;
    const isCovering = stage.kind === "filters" || cell >= LEGIBLE; // then lines end at its edge
    const [from, to] = isCovering ? [0, width] : [box.left, box.left + box.width];
    return { left: left + from, right: left + to, middle: top + box.top + box.height / 2 };
  }

  // A line from one box to another; a strong one is thick.
  draw(from, to, kind, strength = 0) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    const bend = (to.left - from.right) / 2;
    path.setAttribute("d", `M${from.right} ${from.middle} C${from.right + bend} ${from.middle} ${to.left - bend} ${to.middle} ${to.left} ${to.middle}`);
    path.setAttribute("class", kind);
    if (strength) path.style.strokeWidth = `${0.6 + 2.4 * Math.abs(strength)}`;
    this.drawn.push(path);
  }

  /** Light up the layer that a line of the code builds; null for none. */
  light(at) {
    for (const stage of this.stages) {
      stage.element.classList.toggle("lit", at !== null && this.isBuiltBy(stage, at));
    }
  }

  isBuiltBy(stage, at) {
    if (stage.kind === "filters") return false;
    return stage === this.stageOfLine(at);
  }

  // Lines that only reshape belong to the stage whose numbers they pass on.
  stageOfLine(at) {
    const drawn = this.stages.filter(({ kind }) => kind !== "filters");
    return drawn.find((stage) => stage.at === at) ?? drawn.findLast((stage) => stage.at < at);
  }

  /** The two pictures of the number that is looked at: what it answers to, and what it adds. */
  showPictures(listens, adds, field) {
    const { colours, find } = this.inside;
    const [left, right] = [find(".listens"), find(".adds")];
    left.classList.toggle("empty", !listens);
    right.classList.toggle("empty", !adds);
    paintSigned(left.querySelector("canvas"), listens ?? new Float32Array(784), listens ? largest(listens) : 1, colours);
    paintSigned(right.querySelector("canvas"), adds ?? new Float32Array(784), 1, colours);
    this.field.hidden = !field || field.bottom - field.top === 28;
    if (this.field.hidden) return;
    const pixel = this.stages[0].picture.zoom;
    place(this.field, {
      left: field.left * pixel,
      top: field.top * pixel,
      width: (field.right - field.left) * pixel,
      height: (field.bottom - field.top) * pixel,
    });
  }
}

function place(element, { left, top, width, height }) {
  Object.assign(element.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
}
