// Undo takes back the last stroke that the server knows of. Pressed while one is being drawn, or
// before the canvas has sent it, it would take the one before, and the new one would go with the old
// canvas. So it waits until the stroke is over and sent.

import { hearStrokes } from "./pen.js";

const SENT = 300; // ms: the canvas sends a stroke 200 after its end
const BUTTON = ".st-key-undo_stroke button";

export class PatientUndo {
  constructor() {
    Object.assign(this, { off: new AbortController(), isDown: false, over: -Infinity, isWanted: false });
    const { signal } = this.off;
    hearStrokes(() => this.begin(), () => this.end(), signal);
    document.addEventListener("click", (event) => this.press(event), { capture: true, signal });
  }

  close() {
    this.off.abort();
    clearTimeout(this.timer);
  }

  begin() {
    this.isDown = true;
    clearTimeout(this.timer);
  }

  end() {
    Object.assign(this, { isDown: false, over: performance.now() });
    if (this.isWanted) this.wait();
  }

  press(event) {
    if (!event.target.closest(BUTTON)) return;
    if (!this.isDown && performance.now() - this.over > SENT) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.isWanted = true;
    if (!this.isDown) this.wait();
  }

  wait() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      Object.assign(this, { isWanted: false, over: -Infinity });
      document.querySelector(BUTTON)?.click();
    }, SENT);
  }
}
