import { greyPixel } from "./colours.js";
import { indexOf, placeOf } from "./tracing.js";

const GAP = 1; // pixels between cells, and numbers' worth between maps
const FEW = 8; // so few units get large cells, whatever the other layers have
const LARGE = 44;
const BETWEEN = "#26282c"; // the lines between small cells, which would outshine them if they were paper

/** A cell this wide has room for its number. */
export const LEGIBLE = 30;

/** A layer without places, drawn as cells: one a unit, as bright as the unit's value. */
export class Cells {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas, count, isSigned) {
    Object.assign(this, { canvas, count, isSigned });
    this.sort(null);
  }

  /** What it would take: cells as wide as `scale` allows, at most as high together as `room`. */
  sizeFor(scale, room) {
    const cell = this.count <= FEW ? LARGE : Math.min(Math.round(scale), LARGE);
    const rows = Math.max(1, Math.min(this.count, Math.floor(room / (cell + GAP))));
    return this.sized(cell, columnsFor(this.count, rows));
  }

  /** The same for a given width: as many cells in a row as fit. */
  sizeAcross(width) {
    const columns = this.count <= 8 ? this.count : this.count <= 64 ? 8 : this.count <= 128 ? 16 : 32;
    return this.sized(Math.min(Math.floor(width / columns) - GAP, LARGE), columns);
  }

  sized(cell, columns) {
    const rows = Math.ceil(this.count / columns);
    return { cell, columns, width: columns * (cell + GAP) - GAP, height: rows * (cell + GAP) - GAP };
  }

  lay(size) {
    Object.assign(this, size);
    const dots = window.devicePixelRatio || 1;
    this.dots = dots;
    [this.canvas.width, this.canvas.height] = [Math.round(size.width * dots), Math.round(size.height * dots)];
    this.canvas.style.width = `${size.width}px`;
    this.canvas.style.height = `${size.height}px`;
  }

  /** Put the largest values first, or with null every unit at its own place. */
  sort(values) {
    this.order = Uint16Array.from({ length: this.count }, (_, i) => i);
    if (values) this.order.sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]));
    this.positions = new Uint16Array(this.count);
    this.order.forEach((unit, position) => {
      this.positions[unit] = position;
    });
  }

  paint(values, highest, colours) {
    const pen = this.canvas.getContext("2d");
    pen.setTransform(this.dots, 0, 0, this.dots, 0, 0);
    pen.clearRect(0, 0, this.width, this.height);
    if (!this.isSigned) {
      pen.fillStyle = BETWEEN;
      pen.fillRect(0, 0, this.width, this.height);
    }
    pen.font = `600 ${Math.round(this.cell * 0.36)}px ${colours.font}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    for (let unit = 0; unit < this.count; unit += 1) {
      const { left, top } = this.boxOf(unit);
      const value = values[unit];
      const grey = Math.round(255 * Math.min(Math.max(value / highest, 0), 1));
      const colour = this.isSigned ? colours.signed(value, highest) : [grey, grey, grey];
      pen.fillStyle = `rgb(${colour})`;
      pen.fillRect(left, top, this.cell, this.cell);
      if (this.cell < LEGIBLE) continue;
      pen.fillStyle = colour[0] + 2 * colour[1] + colour[2] > 480 ? "#000" : "#fff";
      pen.fillText(short(value), left + this.cell / 2, top + this.cell / 2 + 1);
    }
  }

  indexAt(x, y) {
    const stride = this.cell + GAP;
    const column = Math.floor(x / stride);
    const position = Math.floor(y / stride) * this.columns + column;
    const isInside = x >= 0 && y >= 0 && column < this.columns && position < this.count;
    return isInside ? this.order[position] : null;
  }

  boxOf(index) {
    const position = this.positions[index];
    const stride = this.cell + GAP;
    const [left, top] = [(position % this.columns) * stride, Math.floor(position / this.columns) * stride];
    return { left, top, width: this.cell, height: this.cell };
  }

  frameOf(index) {
    return this.boxOf(index);
  }

  /** The unit that lies some cells to the right and down; itself if there is none. */
  beside(index, right, down) {
    const position = this.positions[index];
    const column = (position % this.columns) + right;
    const next = position + right + down * this.columns;
    const isInside = column >= 0 && column < this.columns && next >= 0 && next < this.count;
    return isInside ? this.order[next] : index;
  }
}

/** A layer of maps (or filters, or pictures), drawn as small pictures side by side. */
export class Tiles {
  /** @param {number[]} shape  [height, width, maps], the numbers of a place side by side */
  constructor(canvas, shape, isSigned) {
    Object.assign(this, { canvas, shape, isSigned, count: shape[2], side: shape[1] });
  }

  sizeFor(scale, room, mostRows) {
    const zoom = zoomOf(Math.max(1, (scale / 14) * (28 / this.side) ** 0.45));
    const rows = Math.max(1, Math.floor(room / ((this.side + GAP) * zoom)));
    return this.sized(zoom, columnsFor(this.count, Math.min(rows, mostRows)));
  }

  sizeAcross(width) {
    const columns = Math.min(this.count, 8);
    return this.sized(zoomOf(Math.min(width / columns / (this.side + GAP), 6)), columns);
  }

  sized(zoom, columns) {
    const across = columns * (this.side + GAP) - GAP;
    const down = Math.ceil(this.count / columns) * (this.side + GAP) - GAP;
    return { zoom, columns, width: across * zoom, height: down * zoom };
  }

  lay(size) {
    Object.assign(this, size);
    const stride = this.side + GAP;
    this.canvas.width = this.columns * stride - GAP;
    this.canvas.height = Math.ceil(this.count / this.columns) * stride - GAP;
    this.canvas.style.width = `${size.width}px`;
    this.canvas.style.height = `${size.height}px`;
  }

  paint(values, highest, colours) {
    const pen = this.canvas.getContext("2d", { willReadFrequently: true });
    const image = pen.createImageData(this.canvas.width, this.canvas.height);
    const pixels = new Uint32Array(image.data.buffer);
    const pixelOf = this.isSigned
      ? (value) => colours.signedPixel(value, highest)
      : (value) => greyPixel(value, highest);
    for (let map = 0; map < this.count; map += 1) {
      const [left, top] = this.cornerOf(map);
      for (let y = 0; y < this.side; y += 1) {
        const to = (top + y) * this.canvas.width + left;
        const from = y * this.side * this.count + map;
        for (let x = 0; x < this.side; x += 1) pixels[to + x] = pixelOf(values[from + x * this.count]);
      }
    }
    pen.putImageData(image, 0, 0);
  }

  cornerOf(map) {
    const stride = this.side + GAP;
    return [(map % this.columns) * stride, Math.floor(map / this.columns) * stride];
  }

  indexAt(x, y) {
    const stride = this.side + GAP;
    const [across, down] = [Math.floor(x / this.zoom), Math.floor(y / this.zoom)];
    const map = Math.floor(down / stride) * this.columns + Math.floor(across / stride);
    const isInside = x >= 0 && y >= 0 && across < this.columns * stride && map < this.count;
    const last = this.side - 1;
    return isInside ? indexOf(this.shape, Math.min(down % stride, last), Math.min(across % stride, last), map) : null;
  }

  boxOf(index) {
    const [y, x, map] = placeOf(this.shape, index);
    const [left, top] = this.cornerOf(map);
    return { left: (left + x) * this.zoom, top: (top + y) * this.zoom, width: this.zoom, height: this.zoom };
  }

  /** The frame of the whole map that a number belongs to. */
  frameOf(index) {
    const [left, top] = this.cornerOf(index % this.count);
    const side = this.side * this.zoom;
    return { left: left * this.zoom, top: top * this.zoom, width: side, height: side };
  }

  /** The same place of the map some maps to the right and down; itself if there is none. */
  beside(index, right, down) {
    const [y, x, map] = placeOf(this.shape, index);
    const column = (map % this.columns) + right;
    const next = map + right + down * this.columns;
    const isInside = column >= 0 && column < this.columns && next >= 0 && next < this.count;
    return isInside ? indexOf(this.shape, y, x, next) : index;
  }

  /** Another place of the same map. */
  within(index, right, down) {
    const [y, x, map] = placeOf(this.shape, index);
    const inside = (at) => Math.min(Math.max(at, 0), this.side - 1);
    return indexOf(this.shape, inside(y + down), inside(x + right), map);
  }
}

// Columns for so many things in at most so many rows; a few more if they then fill a rectangle.
function columnsFor(count, rows) {
  const fewest = Math.ceil(count / rows);
  for (let columns = fewest; columns <= 1.7 * fewest; columns += 1) if (count % columns === 0) return columns;
  return fewest;
}

// Whole screen pixels for every number keep pictures crisp.
function zoomOf(wanted) {
  const dots = window.devicePixelRatio || 1;
  return Math.max(1, Math.floor(wanted * dots)) / dots;
}

/** A number in as few characters as a cell holds, with a true minus sign. */
function short(value) {
  const digits = Math.abs(value) >= 9.95 ? 0 : 1;
  return (Math.abs(value) < 0.05 ? "0" : value.toFixed(digits)).replace("-", "−");
}
