// Where news.js leaves what the maps on the page are to know; both sides see the same board.

const NEWS = Symbol.for("aelab-latent-news");

export function newsBoard() {
  if (!globalThis[NEWS]) {
    globalThis[NEWS] = new EventTarget();
    globalThis[NEWS].kept = new Map();
  }
  return globalThis[NEWS];
}
