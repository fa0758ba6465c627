// What a screen reader goes by on every page: the language to read in, and the names of Streamlit's
// own controls in the visitor's words.

import { keepTheKeyboardAtQuestions } from "./focus.js";

/** What to say instead of a name of Streamlit's. @type {Record<string, string>} */
let names = {};

/** What an element is called by Streamlit, and by us now. @type {WeakMap<Element, {own: string, ours: string}>} */
const RENAMED = new WeakMap();

/** @param {string} own  a name of Streamlit's; a key of `names` may end with `{label}` */
function renamed(own) {
  if (own in names) return names[own];
  for (const [form, words] of Object.entries(names)) {
    const beginning = form.replace("{label}", "");
    if (beginning !== form && own.startsWith(beginning)) {
      return words.replace("{label}", own.slice(beginning.length));
    }
  }
  return own;
}

/** @param {Element} element */
function rename(element) {
  const now = element.getAttribute("aria-label");
  if (!now) return;
  const before = RENAMED.get(element);
  const own = before?.ours === now ? before.own : now;
  const ours = renamed(own);
  if (ours === now) return;
  RENAMED.set(element, { own, ours });
  element.setAttribute("aria-label", ours);
}

/** @param {Node} node */
function renameWithin(node) {
  if (!(node instanceof Element)) return;
  rename(node);
  node.querySelectorAll("[aria-label]").forEach(rename);
}

keepTheKeyboardAtQuestions();

new MutationObserver((records) => {
  for (const { type, target, addedNodes } of records) {
    if (type === "attributes") rename(target);
    else addedNodes.forEach(renameWithin);
  }
}).observe(document.body, {
  subtree: true, childList: true, attributes: true, attributeFilter: ["aria-label"],
});

export default function screenReader({ data }) {
  document.documentElement.lang = data.language;
  names = data.names;
  renameWithin(document.body);
  const skip = document.querySelector('[data-testid="stSkipToContent"]'); // named by what it reads
  if (skip) skip.textContent = data.skip;
}
