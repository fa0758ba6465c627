/** Where the page's other parts leave the picture that the network is to see. */
export function pictureBoard() {
  const place = Symbol.for("aelab-inside-picture");
  globalThis[place] ??= new EventTarget();
  return globalThis[place];
}
