// Drawing by keyboard: with the canvas focused, arrows move the pen, the space bar puts it down and
// lifts it. The canvas is told the story of a mouse, so that its messages stay as they are.

import { say } from "../sentences.js";
import { ARROWS, isShortcut } from "./keys.js";
import { PatientUndo } from "./patient_undo.js";
import { canvases } from "./pen.js";
import { oneFingerAtATime } from "./touches.js";

const STEP = 6; // pixels of the canvas's 280
const FAR = 24; // with Shift
const SIDE_IN_PIXELS = 280;
// The canvas's own tools catch touches while they are invisible, and speak English: the page has others.
const WITHOUT_TOOLS = new CSSStyleSheet();
WITHOUT_TOOLS.replaceSync(".dc-toolbar { display: none !important; }");

class KeyboardPen {
  constructor(spoken) {
    this.undo = new PatientUndo();
    Object.assign(this, { spoken, x: SIDE_IN_PIXELS / 2, y: SIDE_IN_PIXELS / 2, isDown: false });
    this.observer = new MutationObserver(() => this.attach());
    this.observer.observe(document.querySelector('[data-testid="stMain"]') ?? document.body, {
      subtree: true, childList: true,
    });
  }

  close() {
    this.observer.disconnect();
    this.lift();
    this.undo.close();
  }

  // The page makes a new canvas now and then; each is given the keys once.
  attach() {
    const host = document.querySelector('[class*="st-key-canvas_"] [data-testid="stBidiComponentIsolated"]');
    if (host?.shadowRoot && this.watched !== host.shadowRoot) {
      this.watched = host.shadowRoot;
      this.watched.adoptedStyleSheets = [WITHOUT_TOOLS];
      this.observer.observe(this.watched, { subtree: true, childList: true });
    }
    const upper = canvases()?.upper;
    if (!upper) return;
    upper.setAttribute("aria-label", this.words.canvas);
    if (this.upper === upper) return;
    this.upper = upper;
    this.isDown = false;
    upper.tabIndex = 0;
    upper.setAttribute("role", "application");
    upper.addEventListener("keydown", (event) => this.press(event));
    upper.addEventListener("keyup", (event) => event.key in ARROWS && this.say(this.words.at));
    oneFingerAtATime(upper);
    upper.addEventListener("focus", () => this.showCross(true));
    upper.addEventListener("blur", () => {
      this.lift();
      this.showCross(false);
    });
  }

  press(event) {
    if (isShortcut(event)) return;
    const way = ARROWS[event.key];
    if (way) this.move(way, event.shiftKey ? FAR : STEP);
    else if (event.key === " ") { if (!event.repeat) this.turn(); }
    else if (event.key === "Escape" && this.isDown) this.turn();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  move([right, down], step) {
    const within = (place) => Math.min(Math.max(place, 0), SIDE_IN_PIXELS);
    this.x = within(this.x + step * right);
    this.y = within(this.y + step * down);
    if (this.isDown) this.tell("mousemove");
    this.showCross(true);
  }

  turn() {
    this.isDown = !this.isDown;
    this.tell(this.isDown ? "mousedown" : "mouseup");
    if (this.isDown) this.tell("mousemove");
    this.showCross(true);
    this.say(this.isDown ? this.words.down : this.words.up);
  }

  lift() {
    if (this.isDown) this.turn();
  }

  tell(type) {
    const { left, top, width, height } = this.upper.getBoundingClientRect();
    this.upper.dispatchEvent(new MouseEvent(type, {
      bubbles: true, composed: true, cancelable: true, button: 0, buttons: type === "mouseup" ? 0 : 1,
      clientX: left + (this.x / SIDE_IN_PIXELS) * width,
      clientY: top + (this.y / SIDE_IN_PIXELS) * height,
    }));
  }

  // Where the pen is: a ring, filled while the pen is down.
  showCross(visible) {
    this.cross ??= Object.assign(document.createElement("i"), { ariaHidden: "true" });
    if (this.cross.parentNode !== this.upper.parentNode) this.upper.after(this.cross);
    this.cross.style.cssText = `position: absolute; pointer-events: none; box-sizing: border-box;
      left: ${(100 * this.x) / SIDE_IN_PIXELS}%; top: ${(100 * this.y) / SIDE_IN_PIXELS}%;
      width: 14px; height: 14px; margin: -7px; border-radius: 50%; border: 3px solid #4a9be8;
      background: ${this.isDown ? "#4a9be8" : "transparent"}; display: ${visible ? "block" : "none"}`;
  }

  say(sentence) {
    const inPercent = (place) => Math.round((100 * place) / SIDE_IN_PIXELS);
    this.spoken.textContent = say(sentence, { x: inPercent(this.x), y: inPercent(this.y) });
  }
}

const KEYBOARDS = new WeakMap();

export default function canvasKeys({ data, parentElement }) {
  if (!KEYBOARDS.has(parentElement)) {
    KEYBOARDS.set(parentElement, new KeyboardPen(parentElement.querySelector(".spoken")));
  }
  const keyboard = KEYBOARDS.get(parentElement);
  keyboard.words = data;
  keyboard.attach();
  return () => {
    keyboard.close();
    KEYBOARDS.delete(parentElement);
  };
}
