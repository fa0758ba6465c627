// Ways from A to B on a map, as functions of t in [0, 1].

export function straightPath([x0, y0], [x1, y1]) {
  return (t) => [x0 + t * (x1 - x0), y0 + t * (y1 - y0)];
}

const PATH_CELLS = 64;

// The way that costs least when empty cells are dear: Dijkstra (1959) on a raster of the density.
export function pathWhereDataIs(density, side, box, from, to) {
  const [left, bottom, right, top] = box;
  const [width, height] = [(right - left) / PATH_CELLS, (top - bottom) / PATH_CELLS];
  const cellOf = ([x, y]) => {
    const inside = (value) => Math.min(Math.max(Math.floor(value), 0), PATH_CELLS - 1);
    return inside((y - bottom) / height) * PATH_CELLS + inside((x - left) / width);
  };
  const toll = tolls(density, side);
  const [start, goal] = [cellOf(from), cellOf(to)];
  const cameFrom = cheapestWays(toll, width, height, start, goal);
  const cells = [];
  for (let cell = goal; cell !== start; cell = cameFrom[cell]) cells.push(cell);
  const middles = cells.slice(1).reverse().map((cell) => [
    left + ((cell % PATH_CELLS) + 0.5) * width,
    bottom + (Math.floor(cell / PATH_CELLS) + 0.5) * height,
  ]);
  return evenly(smoothed([from, ...middles, to]));
}

function tolls(density, side) {
  const toll = new Float32Array(PATH_CELLS * PATH_CELLS);
  const step = side / PATH_CELLS;
  for (let row = 0; row < PATH_CELLS; row += 1) {
    for (let column = 0; column < PATH_CELLS; column += 1) {
      const at = density[Math.floor((row + 0.5) * step) * side + Math.floor((column + 0.5) * step)];
      toll[row * PATH_CELLS + column] = 1 / (0.02 + at / 255);
    }
  }
  return toll;
}

function cheapestWays(toll, width, height, start, goal) {
  const cost = new Float32Array(toll.length).fill(Infinity);
  const cameFrom = new Int32Array(toll.length).fill(-1);
  const queue = new CheapestFirst();
  cost[start] = 0;
  queue.push(start, 0);
  while (queue.size) {
    const [cell, paid] = queue.pop();
    if (cell === goal) break;
    if (paid > cost[cell]) continue;
    const [row, column] = [Math.floor(cell / PATH_CELLS), cell % PATH_CELLS];
    for (let up = -1; up <= 1; up += 1) {
      for (let across = -1; across <= 1; across += 1) {
        const [toRow, toColumn] = [row + up, column + across];
        if ((!up && !across) || toRow < 0 || toColumn < 0 || toRow >= PATH_CELLS
          || toColumn >= PATH_CELLS) continue;
        const next = toRow * PATH_CELLS + toColumn;
        const price = paid + Math.hypot(across * width, up * height) * (toll[cell] + toll[next]);
        if (price < cost[next]) {
          cost[next] = price;
          cameFrom[next] = cell;
          queue.push(next, cost[next]);
        }
      }
    }
  }
  return cameFrom;
}

// A binary heap of cells, cheapest on top.
class CheapestFirst {
  constructor() {
    this.entries = [];
  }

  get size() {
    return this.entries.length;
  }

  push(cell, cost) {
    const { entries } = this;
    let at = entries.push([cell, cost]) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (entries[parent][1] <= entries[at][1]) break;
      [entries[parent], entries[at]] = [entries[at], entries[parent]];
      at = parent;
    }
  }

  pop() {
    const { entries } = this;
    const top = entries[0];
    const last = entries.pop();
    if (entries.length) {
      entries[0] = last;
      for (let at = 0; ;) {
        let child = 2 * at + 1;
        if (child >= entries.length) break;
        if (child + 1 < entries.length && entries[child + 1][1] < entries[child][1]) child += 1;
        if (entries[at][1] <= entries[child][1]) break;
        [entries[child], entries[at]] = [entries[at], entries[child]];
        at = child;
      }
    }
    return top;
  }
}

function smoothed(points) {
  let line = points;
  for (let round = 0; round < 3; round += 1) {
    line = line.map((point, i) => (i === 0 || i === line.length - 1 ? point : [0, 1].map(
      (axis) => (line[i - 1][axis] + 2 * point[axis] + line[i + 1][axis]) / 4,
    )));
  }
  return line;
}

// Walk along the points at constant speed.
function evenly(points) {
  const travelled = [0];
  for (let i = 1; i < points.length; i += 1) {
    const [[x0, y0], [x1, y1]] = [points[i - 1], points[i]];
    travelled.push(travelled[i - 1] + Math.hypot(x1 - x0, y1 - y0));
  }
  const length = travelled.at(-1);
  return (t) => {
    const goal = t * length;
    let i = travelled.findIndex((distance) => distance >= goal);
    if (i < 1) i = Math.min(1, points.length - 1);
    const leg = travelled[i] - travelled[i - 1] || 1;
    return straightPath(points[i - 1], points[i])((goal - travelled[i - 1]) / leg);
  };
}
