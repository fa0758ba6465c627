// Sentences of any language, in the browser.

/** "Unit {n}" and {n: 3} to "Unit 3". */
export const say = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/** A number as it is read: two digits behind the point, and a true minus sign. */
export const written = (value, digits = 2) => value.toFixed(digits).replace(/^-(0\.?0*)$/, "$1").replace("-", "−");

/** Sentences one after the other; Chinese leaves no space between them (aecore/sentences.py). */
export const joined = ([first = "", ...others]) => (
  others.reduce((text, next) => text + (/[。？！]$/.test(text) ? "" : " ") + next, first)
);
