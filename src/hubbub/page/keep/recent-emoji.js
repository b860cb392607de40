/** The emoji that the user has reacted with last, and in which colour of skin. All tabs share them. */
import { Shared } from "./shared.js";

const MAX_RECENT = 24;
const EMOJI_CHARS = 40;

export class RecentEmoji {
  #used = new Shared("emoji", /** @type {string[]} */ ([]));
  #tones = new Shared("tones", ""); // of one person, and of a second one

  /** The last ones, the newest first. */
  get all() {
    return this.#used.fresh().filter((one) => typeof one === "string" && one.length <= EMOJI_CHARS);
  }

  /** @param {string} emoji */
  use(emoji) {
    this.#used.value = [emoji, ...this.all.filter((one) => one !== emoji)].slice(0, MAX_RECENT);
  }

  /** Nothing stays of who leaves. */
  forget() {
    this.#used.value = [];
    this.#tones.value = "";
  }

  get tones() {
    return this.#tones.value;
  }

  set tones(tones) {
    this.#tones.value = tones;
  }
}
