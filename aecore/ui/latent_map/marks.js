// What is drawn on a map when the view changes: the decoder's wallpaper, the density or the
// decision regions, and the test digits: dots, numerals or the digits themselves, as room allows.

const NUMERALS_FROM = 15; // pixels of room for a mark
const IMAGES_FROM = 34;
const WALLPAPER_TILE = 34;

function drawMap(context, map) {
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
  if (map.marks === "dots") drawClusterLabels(context, map);
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

// On the wallpaper dots are smaller, so that the pictures behind them can be read.
function drawDots(context, map, visible) {
  const isNarrow = map.view.width < 420;
  const radius = map.layers.wallpaper ? 1.4 : isNarrow ? 1.6 : 2.2;
  for (const [{ i, left, top }, strength] of inOrder(map, visible)) {
    context.globalAlpha = 0.85 * strength;
    if (map.layers.regions) {
      context.fillStyle = map.paper;
      context.fillRect(left - radius - 1, top - radius - 1, 2 * radius + 2, 2 * radius + 2);
    }
    context.fillStyle = map.colours[map.labels[i]];
    context.fillRect(left - radius, top - radius, 2 * radius, 2 * radius);
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

function rasterPicture(side, colourOf) {
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

function clusterLabels(places, labels, [left, bottom, right, top]) {
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

function drawClusterLabels(context, map) {
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
