// Where the keyboard goes when a question gives way to its answer, or comes back: to the one that
// stands there now. Left alone it would be on nothing, and a screen reader at the top of the page.

const PLACE = /\bst-key-predict(?:ed)?_(\w+)/; // aecore/ui/predictions.py

/** Go on watching where the keyboard is. */
export function keepTheKeyboardAtQuestions() {
  let /** @type {string | undefined} */ name;
  document.addEventListener("focusin", ({ target }) => {
    const place = target instanceof Element && target.closest('[class*="st-key-predict"]');
    name = place ? PLACE.exec(place.className)?.[1] : undefined;
  });
  new MutationObserver(() => {
    if (!name || document.activeElement !== document.body) return;
    const place = document.querySelector(`:is(.st-key-predict_${name}, .st-key-predicted_${name})`);
    if (!(place instanceof HTMLElement)) return;
    place.tabIndex = -1;
    place.focus({ preventScroll: true });
  }).observe(document.body, { subtree: true, childList: true });
}
