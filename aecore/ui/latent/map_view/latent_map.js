// The latent map: two linked maps, what they show, and the way from A to B.

import { joined, say, written } from "../../sentences.js";
import { blank, ink, LinearDecoder, SheetDecoder } from "./decoder.js";
import { Film } from "./film.js";
import { newsBoard } from "./news_board.js";
import { Panel, rgbOf } from "./panel.js";
import { pathWhereDataIs, straightPath } from "./paths.js";
import { Atlas, greyOf, pictureOf, placesIn, unpack } from "./payload.js";
import { Strip } from "./strip.js";

class LatentMaps {
  constructor(root, message, tell) {
    const { header, section } = message;
    Object.assign(this, { root, words: header.words, colours: header.colours, tell });
    this.labels = section("labels");
    this.palette = header.colours.map(rgbOf);
    this.chosen = new Set();
    this.hovered = null;
    this.selected = null;
    this.layers = {}; // which of them are ticked
    this.pins = {};
    this.find = (selector) => root.querySelector(selector);
    this.off = new AbortController();
    for (const element of root.querySelectorAll("[data-word]")) {
      element.textContent = this.words[element.dataset.word];
    }
    for (const element of root.querySelectorAll("[data-label]")) {
      element.setAttribute("aria-label", this.words[element.dataset.label]);
    }
    this.find(".spoken").textContent = ""; // what was said of another map, or in another language
  }

  // The marks at once, the decoder as soon as its picture is unpacked, then the digits themselves.
  async open({ header, section }) {
    this.readTheme();
    const holder = this.find(".maps");
    const film = this.find(".film");
    film.hidden = true;
    holder.after(film); // out of the map before, which goes now
    holder.replaceChildren();
    this.panels = header.maps.map((about, number) => {
      const named = (name, Type) => (header.sections[`${number}.${name}`] ? section(`${number}.${name}`, Type) : null);
      const panel = this.panelOf(about, number, header.side, named);
      holder.append(panel.element);
      panel.sheet = named("sheet") && pictureOf(named("sheet")).then((picture) => {
        panel.decoder = new SheetDecoder(named("xs", Float32Array), named("ys", Float32Array), greyOf(picture));
      });
      const pca = named("pca", Float32Array);
      panel.decoder = pca && new LinearDecoder(pca);
      return panel;
    });
    this.buildLegend();
    this.listenToLayers();
    await Promise.all(this.panels.map(({ sheet }) => sheet));
    this.welcome();
    this.atlas = new Atlas(await pictureOf(section("atlas")));
    if (this.off.signal.aborted) return; // the page has gone on to another model meanwhile
    const { signal } = this.off;
    this.strip = new Strip(this.find(".walk"), this.words, (t) => this.walk(t), signal);
    this.film = new Film(film, this.words, this.panels[0], signal);
    this.placePins(header.pins);
    this.listenToNews(header.run);
    this.redraw();
    this.root.querySelector(".lab-map").dataset.ready = "true";
  }

  panelOf(about, number, side, named) {
    const { title, note, box, home } = about;
    const element = this.find("#panel").content.firstElementChild.cloneNode(true);
    element.querySelector("h2").textContent = title;
    element.querySelector(".note").textContent = note;
    element.querySelector(".stage").setAttribute("aria-label", say(this.words.stage, { title }));
    for (const button of element.querySelectorAll("[data-zoom]")) {
      button.textContent = { in: "+", out: "−", home: this.words.reset }[button.dataset.zoom];
      button.setAttribute("aria-label", say(this.words[`zoom_${button.dataset.zoom}`], { title }));
    }
    const panel = new Panel(element, {
      number,
      title,
      box,
      home,
      side,
      places: placesIn(box, named("places", Uint16Array) ?? []),
      density: named("density"),
      regions: named("winners") && { winners: named("winners"), shares: named("shares") },
    }, this);
    this.listenToButtons(panel);
    return panel;
  }

  // Before anybody has moved: the place of the first test digit, painted, shows what moving does.
  welcome() {
    for (const panel of this.panels) panel.nameLens();
    const [ours] = this.panels;
    if (!ours.decoder || this.panels.some(({ cursor }) => cursor)) return;
    this.pointAt(ours, ours.placeOf(0), 0);
    performance.mark("latent-map-live");
  }

  placePins([first, second]) {
    if (this.panels.every(({ places, decoder }) => places.length && decoder)) {
      for (const panel of this.panels) {
        for (const letter of ["A", "B"]) panel.addPin(letter, say(this.words.pin, { letter, title: panel.title }));
      }
      this.pinDigit("A", first);
      this.pinDigit("B", second);
    }
    this.find(".walk").hidden = !this.pins.B;
  }

  close() {
    this.off.abort();
    clearTimeout(this.speaking);
    this.strip?.player.stop();
    this.film?.player.stop();
    for (const panel of this.panels ?? []) panel.close();
  }

  redraw() {
    for (const panel of this.panels) panel.redraw();
  }

  // --- theme --------------------------------------------------------------------------------

  readTheme() {
    const style = getComputedStyle(this.root.querySelector(".lab-map"));
    this.text = style.color;
    this.paper = style.backgroundColor;
    [this.textColour, this.paperColour] = [rgbOf(this.text), rgbOf(this.paper)];
    this.accent = style.getPropertyValue("--st-primary-color").trim() || style.color;
    this.font = style.fontFamily;
    for (const panel of this.panels ?? []) panel.forgetPictures();
  }

  // --- legend and layers --------------------------------------------------------------------

  // A click on a class keeps it; with none kept, all are shown. Pointing at one dims the others.
  buildLegend() {
    const legend = this.find(".legend");
    legend.replaceChildren();
    this.colours.forEach((colour, label) => {
      const button = document.createElement("button");
      button.type = "button";
      button.innerHTML = `<i style="background:${colour}"></i>${label}`;
      button.setAttribute("aria-label", say(this.words.only, { label }));
      button.setAttribute("aria-pressed", "false");
      const dim = (to) => () => {
        this.hovered = to;
        this.redraw();
      };
      button.addEventListener("pointerenter", dim(label));
      button.addEventListener("pointerleave", dim(null));
      button.addEventListener("focus", () => {
        if (button.matches(":focus-visible")) dim(label)(); // a finger that tapped points no more
      });
      button.addEventListener("blur", dim(null));
      button.addEventListener("click", () => {
        if (!this.chosen.delete(label)) this.chosen.add(label);
        button.setAttribute("aria-pressed", `${this.chosen.has(label)}`);
        this.redraw();
      });
      legend.append(button);
    });
  }

  listenToLayers() {
    this.find(".choice").hidden = true; // a digit clicked on the map before
    for (const box of this.root.querySelectorAll("[data-layer]")) {
      this.layers[box.dataset.layer] = box.checked;
      box.addEventListener("change", () => {
        this.layers[box.dataset.layer] = box.checked;
        this.redraw();
      }, { signal: this.off.signal });
    }
    const sheet = this.root.querySelector(".lab-map");
    sheet.addEventListener("transitionend", () => {
      this.readTheme();
      this.redraw();
    }, { signal: this.off.signal });
  }

  listenToButtons(panel) {
    for (const button of panel.element.querySelectorAll("[data-zoom]")) {
      button.addEventListener("click", () => {
        if (button.dataset.zoom === "home") panel.goHome();
        else panel.zoomBy(button.dataset.zoom === "in" ? 1.6 : 1 / 1.6);
      });
    }
  }

  // --- the linked cursors -------------------------------------------------------------------

  // The cursor went to a place of one map: on the other it goes to the same digit. Many moves may
  // arrive before the screen is drawn next; only the last one counts.
  hover(panel, place, since) {
    const isQueued = Boolean(this.next);
    this.next = { panel, place, since };
    if (isQueued) return;
    requestAnimationFrame(() => {
      const move = this.next;
      this.next = null;
      this.follow(move);
      // In the browser's own performance tools: from the mouse's move to the painted picture.
      performance.measure("latent-map-paint", { start: move.since, end: performance.now() });
      this.paints = (this.paints ?? 0) + 1;
      if (this.paints % 1000 === 0) performance.clearMeasures("latent-map-paint");
    });
  }

  follow({ panel, place: [x, y] }) {
    const [index] = panel.nearest(x, y);
    this.pointAt(panel, [x, y], index);
    this.report(panel, [x, y], index);
  }

  pointAt(panel, place, index) {
    panel.point(...place);
    for (const other of this.panels) {
      const isKnown = index >= 0 && 2 * index < other.places.length;
      if (other !== panel && isKnown) other.point(...other.placeOf(index));
    }
  }

  report(panel, [x, y], index) {
    const words = this.words;
    const values = { title: panel.title, x: written(x), y: written(y), index, label: this.labels[index] };
    const said = index < 0 ? [] : [say(words.status, values)];
    const winner = panel.winnerAt(x, y);
    if (winner !== null) said.push(say(words.vote, { label: winner }));
    const sentence = joined(said);
    this.find(".status").textContent = sentence;
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => {
      this.find(".spoken").textContent = sentence;
    }, 250);
  }

  leave() {
    for (const panel of this.panels) {
      panel.cursor = null;
      panel.putCursor();
    }
    this.find(".status").textContent = this.words.hint;
  }

  // --- a digit clicked ----------------------------------------------------------------------

  select(index) {
    if (!this.atlas) return; // in the first moment the digits are not there yet
    this.selected = index === -1 ? null : index;
    this.redraw();
    const choice = this.find(".choice");
    choice.hidden = this.selected === null;
    if (this.selected === null) return;
    const label = this.labels[index];
    const pictures = [[say(this.words.digit, { label, index }), this.atlas.grey(index)]];
    for (const panel of this.panels) {
      if (panel.painter !== panel.decoder) continue;
      pictures.push([panel.title, panel.decoder.paint(...panel.placeOf(index), blank())]);
    }
    this.find(".choice-pictures").replaceChildren(...pictures.map(([name, grey]) => {
      const figure = document.createElement("figure");
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [28, 28];
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", name);
      ink(canvas.getContext("2d"), grey);
      const caption = document.createElement("figcaption");
      caption.textContent = name;
      figure.append(canvas, caption);
      return figure;
    }));
    for (const button of choice.querySelectorAll("[data-pin-here]")) {
      button.hidden = !this.pins.B;
      button.onclick = () => this.pinDigit(button.dataset.pinHere, index);
    }
    this.tell("picked", index);
  }

  // --- A and B ------------------------------------------------------------------------------

  // Pin a place of one map, or the digit there if one lies within `slack` pixels. On the other
  // map the pin goes to the nearest digit. A place of an epoch long gone is none of today's: there
  // the nearest digit is pinned.
  pin(letter, panel, [x, y], slack) {
    if (!this.pins.B) return;
    const [index, away] = panel.nearest(x, y);
    if (index < 0) return;
    if (away <= slack || panel.film) {
      this.pinDigit(letter, index);
      return;
    }
    const places = this.panels.map((other) => (other === panel ? [x, y] : other.placeTodayOf(index)));
    this.setPin(letter, { places, picture: panel.decoder.paint(x, y, blank()), spoken: this.words.place });
  }

  pinDigit(letter, index) {
    const places = this.panels.map((panel) => panel.placeTodayOf(index));
    const spoken = say(this.words.digit, { label: this.labels[index], index });
    this.setPin(letter, { places, picture: this.atlas.grey(index), spoken });
  }

  setPin(letter, pin) {
    this.pins[letter] = pin;
    if (!this.pins.A || !this.pins.B || this.pinning) return;
    this.pinning = requestAnimationFrame(() => {
      this.pinning = null;
      this.showWays();
    });
  }

  showWays() {
    const { A, B } = this.pins;
    const [ours, theirs] = this.panels;
    const straight = this.panels.map(({ number }) => straightPath(A.places[number], B.places[number]));
    const curved = pathWhereDataIs(ours.density, ours.side, ours.box, A.places[0], B.places[0]);
    ours.ways = [{ at: straight[0], walker: 0 }, { at: curved, walker: 0, dashed: true }];
    theirs.ways = [{ at: straight[1], walker: 0 }];
    const along = (panel, at) => (t, out) => panel.decoder.paint(...at(t), out);
    const fade = (t, out) => {
      for (let i = 0; i < 784; i += 1) out[i] = (1 - t) * A.picture[i] + t * B.picture[i];
      return out;
    };
    const row = (name, paint) => {
      const spoken = say(this.words.rowSpoken, { name, from: A.spoken, to: B.spoken });
      return { name, paint, spoken };
    };
    this.strip.show([
      row(say(this.words.straightWay, { title: ours.title }), along(ours, straight[0])),
      row(say(this.words.curvedWay, { title: ours.title }), along(ours, curved)),
      row(say(this.words.straightWay, { title: theirs.title }), along(theirs, straight[1])),
      row(this.words.fade, fade),
    ]);
    this.putWalkers(this.strip.at);
  }

  putWalkers(t) {
    for (const panel of this.panels) {
      for (const way of panel.ways ?? []) way.walker = t;
      panel.drawTop();
    }
  }

  walk(t) {
    this.putWalkers(t);
    for (const panel of this.panels) if (panel.ways && !panel.film) panel.point(...panel.ways[0].at(t));
  }

  // --- news from the server: the visitor's drawing, epochs ----------------------------------

  listenToNews(run) {
    const take = ({ topic, message }) => {
      if (topic === "star") this.putStar(message);
      if (topic === "film" && message.header.run === run) this.film.add(message);
    };
    const news = newsBoard();
    for (const item of news.kept.values()) take(item);
    news.addEventListener("news", (event) => take(event.detail), { signal: this.off.signal });
  }

  putStar(star) {
    this.panels.forEach((panel, number) => {
      panel.star = star && star.places[number] && {
        place: star.places[number],
        cloud: star.clouds[number] ?? [],
      };
      panel.element.dataset.star = panel.star ? panel.star.place.map((at) => at.toFixed(3)).join() : "";
      panel.drawTop();
    });
  }
}

const MAPS = new WeakMap(); // one lab a place on the page, kept when the server sends it again

export default function latentMap({ data, parentElement, setTriggerValue }) {
  const message = unpack(data);
  const before = MAPS.get(parentElement);
  const close = () => {
    MAPS.get(parentElement)?.close();
    MAPS.delete(parentElement);
  };
  if (before?.version === message.header.version) return close;
  before?.close();
  const maps = new LatentMaps(parentElement, message, (name, value) => setTriggerValue(name, value));
  maps.version = message.header.version;
  MAPS.set(parentElement, maps);
  maps.open(message);
  return close;
}
