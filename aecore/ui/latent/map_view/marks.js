// What is drawn on a map when the view changes: the decoder's wallpaper, the density or the
// decision regions, and the test digits: dots, numerals or the digits themselves, as room allows.

import { blank, ink } from "./decoder.js";

const NUMERALS_FROM = 15; // pixels of room for a mark
const IMAGES_FROM = 34;
const WALLPAPER_TILE = 34;

export function drawMap(context, map) {
  const { view, layers } = map;
  context.clearRect(0, 0, view.width, view.height);
  if (layers.wallpaper && map.painter) drawWallpaper(context, map);
  if (layers.density && map.density) drawRaster(context, view, map.densityPicture());
  if (layers.regions && map.regions) drawRaster(context, view, map.regionsPicture());
  const visible = visibleMarks(map);
  const room = Math.sqrt((view.width * view.height) / Math.max(visible.length, 1));
  map.marks = room < NUMERALS_FROM ? "dots" : room < IMAGES_FROM || !map.atlas ? "numerals" : "images";
  if (map.marks === "dots") drawDots(context, map, visible);
  else if (map.marks === "numerals") drawNumerals(context, map, visible, room);
  else drawImages(context, map, visible, room);
  context.globalAlpha = 1;
}

function visibleMarks({ view, places, labels, chosen }) {
  const visible = [];
  const edge = 20;
  for (let i = 0; i < places.length / 2; i += 1) {
    if (chosen.size && !chosen.has(labels[i])) continue;
    const [left, top] = view.toScreen(places[2 * i], places[2 * i + 1]);
    if (left > -edge && top > -edge && left < view.width + edge && top < view.height + edge) {
      visible.push({ i, left, top });
    }
  }
  return visible;
}

// Dimmed marks first, so that the class pointed at lies on top.
function* inOrder({ labels, hovered }, visible) {
  if (hovered === null) {
    for (const mark of visible) yield [mark, 1];
    return;
  }
  for (const mark of visible) if (labels[mark.i] !== hovered) yield [mark, 0.12];
  for (const mark of visible) if (labels[mark.i] === hovered) yield [mark, 1];
}

// On the wallpaper dots are smaller, so that the pictures behind them can be read; on the regions
// they get a rim of paper.
function drawDots(context, map, visible) {
  const { view, layers, palette } = map;
  const { canvas } = context;
  const dense = canvas.width / view.width;
  const radius = dense * (layers.wallpaper ? 1.6 : view.width < 420 ? 1.8 : 2.4);
  const [dot, rim] = [disc(radius), layers.regions ? disc(radius + dense) : null];
  map.dots ??= new DotLayer();
  map.dots.clear(canvas.width, canvas.height);
  for (const [{ i, left, top }, strength] of inOrder(map, visible)) {
    const [x, y] = [Math.round(left * dense), Math.round(top * dense)];
    if (rim) map.dots.stamp(rim, x, y, map.paperColour, 0.9 * strength);
    map.dots.stamp(dot, x, y, palette[map.labels[i]], 0.9 * strength);
  }
  context.globalAlpha = 1;
  context.drawImage(map.dots.picture(), 0, 0, view.width, view.height);
}

// How much of each pixel around its middle a disc covers, 0 to 1.
function disc(radius) {
  const reach = Math.ceil(radius);
  const side = 2 * reach + 1;
  const cover = new Float32Array(side * side);
  for (let i = 0; i < cover.length; i += 1) {
    const away = Math.hypot((i % side) - reach, Math.floor(i / side) - reach);
    cover[i] = Math.min(Math.max(radius + 0.5 - away, 0), 1);
  }
  return { reach, cover };
}

// Thousands of dots that glide need their pixels written by hand: a canvas that is asked to fill
// each costs several times the frame.
class DotLayer {
  constructor() {
    this.canvas = document.createElement("canvas");
  }

  clear(width, height) {
    if (this.canvas.width !== width || this.canvas.height !== height || !this.pixels) {
      [this.canvas.width, this.canvas.height] = [width, height];
      this.pixels = new ImageData(width, height);
    }
    this.pixels.data.fill(0);
  }

  stamp({ reach, cover }, x, y, colour, strength) {
    const { data, width, height } = this.pixels;
    let i = 0;
    for (let row = y - reach; row <= y + reach; row += 1) {
      for (let column = x - reach; column <= x + reach; column += 1, i += 1) {
        if (!cover[i] || row < 0 || column < 0 || row >= height || column >= width) continue;
        const at = 4 * (row * width + column);
        const above = strength * cover[i];
        const below = (data[at + 3] / 255) * (1 - above);
        const both = above + below;
        for (let band = 0; band < 3; band += 1) {
          data[at + band] = (above * colour[band] + below * data[at + band]) / both;
        }
        data[at + 3] = 255 * both;
      }
    }
  }

  picture() {
    this.canvas.getContext("2d").putImageData(this.pixels, 0, 0);
    return this.canvas;
  }
}

function drawNumerals(context, map, visible, room) {
  const size = Math.round(Math.min(Math.max(room * 0.75, 11), 20));
  context.font = `600 ${size}px ${map.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineWidth = 3;
  context.strokeStyle = map.paper;
  for (const [{ i, left, top }, strength] of inOrder(map, visible)) {
    context.globalAlpha = strength;
    context.strokeText(map.labels[i], left, top);
    context.fillStyle = map.colours[map.labels[i]];
    context.fillText(map.labels[i], left, top);
  }
}

function drawImages(context, map, visible, room) {
  const size = room > 80 ? 56 : 28;
  context.imageSmoothingEnabled = false;
  for (const [{ i, left, top }, strength] of inOrder(map, visible)) {
    context.globalAlpha = strength;
    const [x, y] = [Math.round(left - size / 2), Math.round(top - size / 2)];
    context.fillStyle = map.colours[map.labels[i]];
    context.fillRect(x - 2, y - 2, size + 4, size + 4);
    context.drawImage(map.atlas.canvas, ...map.atlas.corner(i), 28, 28, x, y, size, size);
  }
}

// The manifold: the decoder's picture at the middle of every tile of a lattice that stays with
// the map, so that it does not swim when the map is dragged.
function drawWallpaper(context, { view, painter }) {
  const step = 2 ** Math.round(Math.log2(WALLPAPER_TILE / view.scale));
  const [west, north] = view.toMap(0, 0);
  const [east, south] = view.toMap(view.width, view.height);
  const [left, bottom, right, top] = view.box;
  const first = [Math.max(west, left), Math.max(south, bottom)].map((at) => Math.floor(at / step));
  const last = [Math.min(east, right), Math.min(north, top)].map((at) => Math.floor(at / step));
  const [columns, rows] = [last[0] - first[0] + 1, last[1] - first[1] + 1];
  if (columns < 1 || rows < 1) return;
  const tiles = document.createElement("canvas");
  [tiles.width, tiles.height] = [28 * columns, 28 * rows];
  const painted = blank();
  const pen = tiles.getContext("2d");
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const [x, y] = [first[0] + column + 0.5, last[1] - row + 0.5];
      ink(pen, painter.paint(x * step, y * step, painted), 28 * column, 28 * row);
    }
  }
  const [screenLeft, screenTop] = view.toScreen(first[0] * step, (last[1] + 1) * step);
  const size = step * view.scale;
  context.imageSmoothingEnabled = size < 28;
  context.drawImage(tiles, screenLeft, screenTop, columns * size, rows * size);
}

// A raster over the map's box, its first row at the bottom.
function drawRaster(context, view, picture) {
  const [left, bottom, right, top] = view.box;
  const [screenLeft, screenTop] = view.toScreen(left, top);
  const [screenRight, screenBottom] = view.toScreen(right, bottom);
  context.imageSmoothingEnabled = true;
  const size = [screenRight - screenLeft, screenBottom - screenTop];
  context.drawImage(picture, screenLeft, screenTop, ...size);
}

export function rasterPicture(side, colourOf) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [side, side];
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(side, side);
  for (let row = 0; row < side; row += 1) {
    for (let column = 0; column < side; column += 1) {
      const at = 4 * ((side - 1 - row) * side + column);
      pixels.data.set(colourOf(row * side + column), at);
    }
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}

// A class gets its label where it is most crowded and least mixed; the purer, the stronger.
const LABEL_CELLS = 20;

export function clusterLabels(places, labels, [left, bottom, right, top]) {
  const cells = LABEL_CELLS;
  const counts = Array.from({ length: 10 }, () => new Float32Array(cells * cells));
  const total = new Float32Array(cells * cells);
  const cellOf = (value, low, high) => Math.floor((cells * (value - low)) / (high - low));
  for (let i = 0; i < places.length / 2; i += 1) {
    const column = cellOf(places[2 * i], left, right);
    const row = cellOf(places[2 * i + 1], bottom, top);
    for (let y = Math.max(row - 1, 0); y <= Math.min(row + 1, cells - 1); y += 1) {
      for (let x = Math.max(column - 1, 0); x <= Math.min(column + 1, cells - 1); x += 1) {
        counts[labels[i]][y * cells + x] += 1;
        total[y * cells + x] += 1;
      }
    }
  }
  return counts.map((count, label) => {
    let best = { label, purity: 0, worth: -1 };
    for (let cell = 0; cell < count.length; cell += 1) {
      const purity = count[cell] / Math.max(total[cell], 1);
      const worth = count[cell] * purity;
      if (worth > best.worth) {
        const x = left + (((cell % cells) + 0.5) * (right - left)) / cells;
        const y = bottom + ((Math.floor(cell / cells) + 0.5) * (top - bottom)) / cells;
        best = { label, purity, worth, x, y };
      }
    }
    return best;
  });
}

export function drawClusterLabels(context, map) {
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.font = `700 ${map.view.width < 420 ? 18 : 26}px ${map.font}`;
  context.lineWidth = 5;
  context.lineJoin = "round";
  for (const { label, purity, x, y } of map.clusters()) {
    if (purity < 0.4 || (map.chosen.size && !map.chosen.has(label))) continue;
    const dimmed = map.hovered !== null && map.hovered !== label;
    context.globalAlpha = (dimmed ? 0.15 : 1) * Math.min((purity - 0.2) / 0.5, 1);
    const [left, top] = map.view.toScreen(x, y);
    context.strokeStyle = map.paper;
    context.strokeText(label, left, top);
    context.fillStyle = map.text;
    context.fillText(label, left, top);
  }
  context.globalAlpha = 1;
}
