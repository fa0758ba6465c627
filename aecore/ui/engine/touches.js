// Touches as the canvas understands them: one finger at a time, whose lifting ends the stroke.

/** @param {HTMLCanvasElement} upper  the canvas that is drawn on */
export function oneFingerAtATime(upper) {
  upper.addEventListener("touchstart", leaveOut, { capture: true, passive: false });
  upper.addEventListener("touchcancel", endAsUsual);
}

// To the canvas another finger, or the palm of the hand that writes, begins the stroke anew.
function leaveOut(event) {
  if (event.targetTouches.length < 2) return;
  event.stopImmediatePropagation();
  event.preventDefault(); // nor is it a gesture, which would take the first finger's stroke away
}

// It hears of no touch that the system takes away, and would show a line that it never sends.
function endAsUsual({ target, touches, targetTouches, changedTouches }) {
  target.dispatchEvent(new TouchEvent("touchend", {
    bubbles: true, composed: true, cancelable: true,
    touches: [...touches], targetTouches: [...targetTouches], changedTouches: [...changedTouches],
  }));
}
