import { openNetwork } from "../../engine/weights.js";
import { wantsCalm } from "../../motion.js";
import { say } from "../../sentences.js";

const EPOCH_MS = 220;

/** The training as a film: the network with the weights that it had after each epoch. */
export class FilmView {
  /** @param {{epochs: number[], network: Description}|null} film  all epochs, one behind another */
  constructor(inside, film) {
    Object.assign(this, { inside, film });
    this.find = (part) => inside.find(`.film ${part}`);
    inside.find(".film").hidden = !film;
    this.stop();
    if (!film) return;
    const { signal } = inside.off;
    signal.addEventListener("abort", () => this.stop());
    this.slider = this.find(".epoch");
    this.slider.max = film.epochs.length - 1;
    this.slider.value = this.slider.max;
    this.slider.addEventListener("input", () => {
      this.stop();
      this.show();
    }, { signal });
    this.find(".play").addEventListener("click", () => (this.playing ? this.stop() : this.play()), { signal });
    this.name();
  }

  name() {
    const { epochs } = this.film;
    const sentence = say(this.inside.words.epoch, { number: epochs[this.slider.value], of: epochs.at(-1) });
    this.find("output").textContent = sentence;
    this.slider.setAttribute("aria-valuetext", sentence);
  }

  async show() {
    this.name();
    try {
      const { encoder, decoder } = await openNetwork(this.film.network);
      const cut = (layers) => {
        const length = layers.length / this.film.epochs.length;
        return layers.slice(this.slider.value * length, (Number(this.slider.value) + 1) * length);
      };
      if (!this.inside.off.signal.aborted) this.inside.retrain({ encoder: cut(encoder), decoder: cut(decoder) });
    } catch (error) {
      this.stop();
      this.inside.complain(this.inside.words.noFilm);
      console.warn(error);
    }
  }

  play() {
    this.find(".play").textContent = this.inside.words.pause;
    if (this.slider.value === this.slider.max) {
      this.slider.value = 0;
      this.show();
    }
    this.playing = setInterval(() => {
      this.slider.value = Number(this.slider.value) + 1;
      this.show();
      if (this.slider.value === this.slider.max) this.stop();
    }, wantsCalm() ? 4 * EPOCH_MS : EPOCH_MS);
  }

  stop() {
    clearInterval(this.playing);
    this.playing = null;
    this.find(".play").textContent = this.inside.words.play;
  }
}
