import { joined, say, written } from "../../sentences.js";
import { greyPixel, largest, paintDigit, paintPixels, paintSigned } from "./colours.js";
import { fieldOf, partsOf, placeOf, winnerOf } from "./tracing.js";

const MOST_PARTS = 8;
const MOST_GAIN = 3;

/** What is known of the number that is looked at, how it was made, and the handles to change it. */
export class UnitView {
  constructor(inside) {
    this.inside = inside;
    this.find = (part) => inside.find(`.unit ${part}`);
    const { signal } = inside.off;
    this.slider = this.find(".value");
    this.slider.addEventListener("input", () => this.hold(inside.pinned, Number(this.slider.value)), { signal });
    this.find(".off").addEventListener("click", () => this.toggle(), { signal });
    this.find(".free").addEventListener("click", () => this.free(), { signal });
    this.find(".layer-off").addEventListener("click", () => {
      const { live, pinned } = inside;
      live.silence(pinned.at, !live.silent.has(pinned.at));
      inside.touched();
    }, { signal });
  }

  // --- hands ---------------------------------------------------------------------------------

  /** Units of the layers between the image and the last one can be held at a value. */
  canHold(number) {
    const { network } = this.inside;
    return network.stages.some(({ kind, at }) => kind === "values" && at === number.at);
  }

  valueOf({ at, index }) {
    const { live, values } = this.inside;
    return live.hasMaps(at) ? live.heldAt(at, live.unitOf(at, index)) ?? 1 : values[at + 1][index];
  }

  rangeOf({ at }) {
    const { live, typical } = this.inside;
    if (live.hasMaps(at)) return { least: 0, most: MOST_GAIN };
    const most = 1.5 * typical[at + 1];
    const isSigned = live.layers[at].activation === "linear";
    return { least: isSigned ? -most : 0, most };
  }

  hold(number, value) {
    const { inside } = this;
    inside.live.hold(number.at, inside.live.unitOf(number.at, number.index), value);
    inside.touched();
  }

  toggle() {
    const { inside } = this;
    const { live, pinned } = inside;
    if (!pinned || !this.canHold(pinned)) return;
    const unit = live.unitOf(pinned.at, pinned.index);
    if (live.heldAt(pinned.at, unit) === 0) this.free();
    else this.hold(pinned, 0);
    inside.speak(this.sentence);
  }

  free() {
    const { live, pinned } = this.inside;
    live.letGo(pinned.at, live.unitOf(pinned.at, pinned.index));
    this.inside.touched();
  }

  nudge(direction) {
    const { pinned } = this.inside;
    if (!pinned || !this.canHold(pinned)) return;
    const { least, most } = this.rangeOf(pinned);
    const value = this.valueOf(pinned) + (direction * (most - least)) / 20;
    this.hold(pinned, Math.min(Math.max(value, least), most));
    this.inside.speak(this.sentence);
  }

  // --- words and pictures --------------------------------------------------------------------

  /** Show the number that is looked at, or a hint if there is none. */
  update() {
    const { inside } = this;
    const { looked, words } = inside;
    this.find(".hands").hidden = !inside.pinned || !this.canHold(inside.pinned);
    this.find(".hands").classList.toggle("elsewhere", inside.looksElsewhere);
    if (!looked) {
      this.find("h3").textContent = words.noUnit;
      this.find(".says").textContent = words.unitHint;
      this.find(".parts").replaceChildren();
      inside.network.showPictures(null, null, null);
      return;
    }
    const { live, values } = inside;
    const { at, index } = looked;
    this.sentence = this.nameOf(looked);
    this.find("h3").textContent = this.sentence;
    const field = at < 0 ? null : fieldOf(live.layers, at, index);
    const listens = at < 0 ? null : live.gradient(values, at, index);
    inside.network.showPictures(listens, this.addsOf(looked), field);
    this.find(".says").textContent = this.says(looked, field);
    this.showParts(looked);
    this.showHands();
  }

  nameOf({ at, index }) {
    const { words, live, values } = this.inside;
    const value = written(values[at + 1][index]);
    if (at < 0) return say(words.pixelName, { row: Math.floor(index / 28) + 1, column: (index % 28) + 1, value });
    const stage = this.inside.network.stageOfLine(at);
    const { shape } = stage; // as it is drawn: numbers in a row may already lie as the maps to come
    const layer = this.inside.network.titleOf(stage);
    if (shape.length < 3) return say(words.unitName, { layer, unit: index + 1, value });
    const [y, x, map] = placeOf(shape, index);
    return say(words.mapName, { layer, map: map + 1, row: y + 1, column: x + 1, value });
  }

  // The reconstruction with the unit less the one without it: exactly what the unit adds, now.
  addsOf({ at, index }) {
    const { live, values, answer } = this.inside;
    if (!this.canHold({ at })) return null;
    const without = live.answerWithout(values, at, live.unitOf(at, index));
    return answer.map((value, i) => value - without[i]);
  }

  says({ at, index }, field) {
    const { words, live, values } = this.inside;
    if (at < 0) return words.pixelSays;
    const { activation, shape } = live.layers[at];
    const sees = field.bottom - field.top === 28 && field.right - field.left === 28
      ? words.seesAll
      : say(words.sees, { height: field.bottom - field.top, width: field.right - field.left });
    const isAsleep = activation === "relu" && values[at + 1][index] === 0 && !this.isSetByHand({ at, index });
    const said = [sees];
    if (isAsleep) said.push(words.asleep);
    if (this.canHold({ at })) said.push(shape.length === 3 ? words.mapAdds : words.unitAdds);
    return joined(said);
  }

  isSetByHand({ at, index }) {
    const { live } = this.inside;
    return live.silent.has(at) || (this.canHold({ at }) && live.heldAt(at, live.unitOf(at, index)) !== undefined);
  }

  showHands() {
    const { pinned, live, words } = this.inside;
    if (!pinned || !this.canHold(pinned)) return;
    const { least, most } = this.rangeOf(pinned);
    const value = this.valueOf(pinned);
    const isMap = live.hasMaps(pinned.at);
    const held = live.heldAt(pinned.at, live.unitOf(pinned.at, pinned.index));
    Object.assign(this.slider, { min: least, max: most, step: (most - least) / 200, value });
    this.find(".value-name").textContent = isMap ? words.gain : words.value;
    const shown = isMap ? `× ${written(value)}` : written(value);
    this.find("output").textContent = shown;
    this.slider.setAttribute("aria-label", isMap ? words.gain : words.value);
    this.slider.setAttribute("aria-valuetext", shown); // its own value has fifteen digits
    this.find(".off").textContent = held === 0 ? words.switchOn : words.switchOff;
    this.find(".free").hidden = held === undefined || held === 0;
    this.find(".free").textContent = words.letGo;
    this.find(".layer-off").textContent = live.silent.has(pinned.at) ? words.layerOn : words.layerOff;
  }

  // --- how the number was made ---------------------------------------------------------------

  showParts({ at, index }) {
    const { live, values, words } = this.inside;
    const holder = this.find(".parts");
    holder.replaceChildren();
    if (at < 0) return;
    const layer = live.layers[at];
    if (layer.kind === "pool") {
      const [y, x] = placeOf(layer.inputShape, winnerOf(layer, index, values[at]));
      holder.append(this.line(say(words.pooled, { row: y + 1, column: x + 1 })));
    }
    if (layer.kind === "upsample") holder.append(this.line(words.upsampled));
    if (!layer.kernel) return;
    const { bias, parts } = partsOf(layer, values[at], index);
    const sum = parts.reduce((total, { share }) => total + share, bias);
    if (layer.kind === "dense" && at < 2 && parts.length === 784) holder.append(this.productOf(parts));
    else holder.append(this.strongest(layer, at, parts));
    const answer = { linear: sum, relu: Math.max(sum, 0), sigmoid: 1 / (1 + Math.exp(-sum)) }[layer.activation];
    const numbers = { bias: written(bias), inputs: written(sum - bias), sum: written(sum), answer: written(answer) };
    holder.append(this.line(say(words[`sum_${layer.activation}`], numbers)));
    if (this.isSetByHand({ at, index })) {
      holder.append(this.line(say(words.setByHand, { value: written(values[at + 1][index]) })));
    }
  }

  line(text) {
    const line = document.createElement("p");
    line.className = "note";
    line.textContent = text;
    return line;
  }

  // Pixels times weights, pixel by pixel.
  productOf(parts) {
    const { colours, words } = this.inside;
    const [image, weights, product] = [0, 1, 2].map(() => new Float32Array(784));
    for (const { from, share, patch, filter } of parts) [image[from], weights[from], product[from]] = [patch[0], filter[0], share];
    const row = document.createElement("div");
    row.className = "product";
    const figure = (sign, caption, paint) => {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [28, 28];
      paint(canvas);
      row.append(...sign, figureOf(canvas, caption));
    };
    figure([], words.inputs, (canvas) => paintDigit(canvas, image));
    figure(["×"], words.weights, (canvas) => paintSigned(canvas, weights, largest(weights), colours));
    figure(["="], words.products, (canvas) => paintSigned(canvas, product, largest(product), colours));
    return row;
  }

  // The inputs that count most, each with its patch, its filter, and what comes of it.
  strongest(layer, at, parts) {
    const { colours, words, values } = this.inside;
    const shown = parts.slice(0, MOST_PARTS).filter(({ share }, i) => share !== 0 || i === 0);
    const list = document.createElement("ol");
    list.className = layer.kind === "conv" ? "patches" : "products";
    const most = { patch: largest(values[at]), filter: largest(layer.kernel), share: largest(shown.map(({ share }) => share)) };
    const single = layer.inputShape.at(-1) === 1;
    for (const { from, share, patch, filter } of shown) {
      const item = document.createElement("li");
      const name = document.createElement("span");
      name.textContent = single ? words.imageStage : this.nameOfPart(layer, at, from);
      item.append(name);
      if (layer.kind === "conv") {
        item.append(grid(patch, (value) => greyPixel(value, most.patch)), "×", grid(filter, (value) => colours.signedPixel(value, 0.7 * most.filter)), "=");
      } else {
        const sum = document.createElement("span");
        sum.className = "numbers";
        sum.textContent = `${written(patch[0])} × ${written(filter[0])} =`;
        item.append(sum);
      }
      item.append(this.bar(share, most.share));
      list.append(item);
    }
    const rest = parts.length - shown.length;
    const others = parts.slice(shown.length).reduce((sum, { share }) => sum + share, 0);
    if (rest > 0) {
      const item = document.createElement("li");
      const name = document.createElement("span");
      name.textContent = say(words.restOf, { count: rest });
      item.append(name, this.bar(others, most.share));
      item.className = "rest";
      list.append(item);
    }
    return list;
  }

  // A part as the stage before draws it: a unit, a whole map, or one number of a map.
  nameOfPart(layer, at, from) {
    const { words, network } = this.inside;
    if (layer.kind === "conv") return say(words.fromMap, { unit: from + 1 });
    const { shape } = network.before(at);
    if (shape.length < 3) return say(words.fromUnit, { unit: from + 1 });
    const [y, x, map] = placeOf(shape, from);
    return say(words.fromPlace, { map: map + 1, row: y + 1, column: x + 1 });
  }

  bar(share, most) {
    const bar = document.createElement("span");
    bar.className = `bar ${share < 0 ? "less" : "more"}`;
    bar.style.setProperty("--share", `${Math.min(Math.abs(share) / most, 1)}`);
    bar.textContent = written(share);
    return bar;
  }
}

function grid(values, pixelOf) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [3, 3];
  canvas.className = "grid";
  paintPixels(canvas, values, pixelOf);
  return canvas;
}

function figureOf(canvas, text) {
  const figure = document.createElement("figure");
  const caption = document.createElement("figcaption");
  caption.textContent = text;
  figure.append(canvas, caption);
  return figure;
}
