// The drawing canvas of the page, watched while the pen is down. It is another component's, in an
// open shadow root: the stroke in the making lies on its upper canvas, all older ones on the lower.

import { prepare } from "./drawing.js";

const READ_AT = 280; // pixels the drawing is read in, whatever the screen's are

export class Pen {
  /** `onMove(prepared | null, since)` hears at most once a frame what the canvas holds. */
  constructor(onMove, onTrouble, off) {
    Object.assign(this, { onMove, onTrouble, isDown: false, request: null });
    this.scratch = document.createElement("canvas");
    [this.scratch.width, this.scratch.height] = [READ_AT, READ_AT];
    this.context = this.scratch.getContext("2d", { willReadFrequently: true });
    hearStrokes((event) => this.begin(event), () => this.end(), off);
    hear(["mousemove", "touchmove"], (event) => this.isDown && this.look(event), off);
  }

  begin(event) {
    this.isDown = true;
    this.look(event);
  }

  end() {
    this.isDown = false;
    this.lookSoon();
  }

  // The canvas moves a finished stroke from one layer to the other in its own time.
  lookSoon() {
    requestAnimationFrame(() => requestAnimationFrame((now) => this.look({ timeStamp: now })));
  }

  look({ timeStamp }) {
    this.since ??= timeStamp;
    this.request ??= requestAnimationFrame(() => {
      const { since } = this;
      [this.request, this.since] = [null, undefined];
      try {
        this.onMove(prepare(this.pixels()), since);
      } catch (error) {
        this.onTrouble(error);
      }
    });
  }

  pixels() {
    const { lower, upper } = canvases();
    this.context.fillRect(0, 0, READ_AT, READ_AT);
    this.context.drawImage(lower, 0, 0, READ_AT, READ_AT);
    this.context.drawImage(upper, 0, 0, READ_AT, READ_AT);
    return this.context.getImageData(0, 0, READ_AT, READ_AT);
  }
}

const SAME = 0.02; // mean difference per pixel between a drawing here and on the server, at most

/** Whether the server's image is what was drawn here, or an empty canvas. */
export function hasCaughtUp(image, drawn) {
  const difference = image.reduce((sum, value, i) => sum + Math.abs(value - drawn[i]), 0);
  return difference / image.length < SAME || image.every((value) => value === 0);
}

const hear = (types, listener, off) => {
  for (const type of types) document.addEventListener(type, listener, { capture: true, passive: true, signal: off });
};

/** Hear of every stroke on the drawing canvas, as it begins and when it is over, until `off`. */
export function hearStrokes(begin, end, off) {
  let isDown = false;
  hear(["mousedown", "touchstart"], (event) => {
    if (event.composedPath()[0] !== canvases()?.upper) return;
    isDown = true;
    begin(event);
  }, off);
  // To the canvas a stroke ends with the last finger, wherever the others were.
  hear(["mouseup", "touchend", "touchcancel"], ({ touches = [] }) => {
    if (!isDown || touches.length) return;
    isDown = false;
    end();
  }, off);
}

/** The two layers of the page's drawing canvas, or undefined while there is none. */
export function canvases() {
  const host = document.querySelector('[class*="st-key-canvas_"] [data-testid="stBidiComponentIsolated"]');
  const upper = host?.shadowRoot?.querySelector("canvas.upper-canvas");
  const lower = host?.shadowRoot?.querySelector("canvas.dc-canvas.lower-canvas"); // not the paper's
  return upper && lower ? { upper, lower } : undefined;
}
