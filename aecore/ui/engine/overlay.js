// What the browser shows over the server's pictures and numbers, until the server has caught up.

/** A canvas over a figure's picture, which stays for those who read its description. */
export function over(stage) {
  return canvasIn(stage.closest("figure") ?? stage.querySelector("figure"));
}

/** The browser's own canvas in an element: made once, and passed over by screen readers. */
export function canvasIn(element) {
  let canvas = element.querySelector("canvas.live");
  if (!canvas) {
    canvas = document.createElement("canvas");
    canvas.className = "live";
    canvas.setAttribute("aria-hidden", "true");
    element.append(canvas);
  }
  return canvas;
}

/** A number in the place of the server's, which is kept beside it. */
export function write(element, text) {
  if (!element) return;
  element.dataset.was ??= element.textContent;
  element.textContent = text;
}
