// Has screen readers say a sentence as soon as it comes.

/** The regions that have been shown before. @type {WeakSet<Element>} */
const KNOWN = new WeakSet();

export default function announcement({ data: { sentence }, parentElement }) {
  const region = parentElement.querySelector("p");
  if (KNOWN.has(region) && region.textContent !== sentence) region.textContent = sentence;
  KNOWN.add(region); // what is there when the page comes is no news
}
