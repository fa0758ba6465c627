// "Draw a digit here", over an empty canvas: gone with the first touch, before the server knows.

export default function invitation({ data: [text], parentElement }) {
  const words = parentElement.querySelector("p");
  words.textContent = text;
  words.hidden = false;
  const paper = parentElement.getRootNode().host.closest(".st-key-paper");
  const hide = () => {
    words.hidden = true;
  };
  const off = new AbortController();
  for (const type of ["pointerdown", "mousedown"]) { // by hand; by the keyboard, see keyboard.js
    paper.addEventListener(type, hide, { capture: true, signal: off.signal });
  }
  return () => off.abort();
}
