import { copy } from "../../clipboard.js";

/** The network as Keras code; a line and the layer that it builds light up together. */
export class CodeView {
  /** @param {{text: string, layer: number|null}[]} lines */
  constructor(inside, lines) {
    this.inside = inside;
    const { words } = inside;
    const { signal } = inside.off;
    const holder = inside.find(".code-lines");
    holder.replaceChildren(...lines.map(({ text, layer }) => {
      const line = document.createElement("span");
      line.className = "line";
      line.textContent = text || " ";
      if (layer === null) return line;
      line.dataset.layer = layer;
      line.tabIndex = 0;
      const light = (at) => () => {
        inside.network.light(at);
        this.lightLines((each) => each === line && at !== null);
      };
      line.addEventListener("pointerenter", light(layer), { signal });
      line.addEventListener("focus", light(layer), { signal });
      line.addEventListener("pointerleave", light(null), { signal });
      line.addEventListener("blur", light(null), { signal });
      return line;
    }));
    this.lines = [...holder.children];
    const text = lines.map((line) => line.text).join("\n");
    const button = inside.find(".copy");
    button.textContent = words.copy;
    button.addEventListener("click", async () => {
      await copy(text, inside.root);
      button.textContent = words.copied;
      inside.speak(words.copied);
      setTimeout(() => {
        button.textContent = words.copy;
      }, 2000);
    }, { signal });
  }

  /** Light up the lines that build the layer shown at a stage; null for none. */
  light(at) {
    const { network } = this.inside;
    const stage = at === null ? null : network.stageOfLine(at);
    this.lightLines(({ dataset }) => stage && dataset.layer !== undefined && network.stageOfLine(Number(dataset.layer)) === stage);
  }

  lightLines(isLit) {
    for (const line of this.lines) line.classList.toggle("lit", Boolean(isLit(line)));
  }
}
