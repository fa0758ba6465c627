// "Draw a digit here", over an empty canvas: gone with the first touch, before the server knows.

export default function invitation({ data: [text], parentElement }) {
  const words = parentElement.querySelector("p");
  words.textContent = text;
  words.hidden = false;
  const paper = parentElement.getRootNode().host.closest(".st-key-paper");
  const hide = () => {
    words.hidden = true;
  };
  paper.addEventListener("pointerdown", hide, { capture: true });
  return () => paper.removeEventListener("pointerdown", hide, { capture: true });
}
