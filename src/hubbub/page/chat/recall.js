/** The texts that the user has sent in each room, which can be brought back, changed and sent again. */

const MAX_TEXTS = 50; // of a room
const MAX_ROOMS = 50;

export class Recall {
  /** @type {Map<string, string[]>} by the keys of the rooms; the newest text is the last */
  #sent = new Map();
  /** @type {{place: number, draft: string} | null} the text that is shown, and what was in the field before */
  #shown = null;

  /** Whether such a text is shown. */
  get active() {
    return this.#shown !== null;
  }

  /** The user writes on: what is in the field is a text of its own now. */
  stop() {
    this.#shown = null;
  }

  /**
   * A text was sent.
   * @param {string} key of the room
   * @param {string} text
   */
  note(key, text) {
    const sent = [...(this.#sent.get(key) ?? []).filter((one) => one !== text), text];
    this.#sent.delete(key);
    this.#sent.set(key, sent.slice(-MAX_TEXTS));
    const [oldest] = this.#sent.keys();
    if (this.#sent.size > MAX_ROOMS) this.#sent.delete(oldest);
    this.stop();
  }

  /**
   * The text before (`step` is -1) or behind the one that is shown; behind the newest comes the draft. Null: there
   * is none.
   * @param {string} key of the room
   * @param {1 | -1} step
   * @param {string} draft what is in the field
   */
  step(key, step, draft) {
    const sent = this.#sent.get(key) ?? [];
    this.#shown ??= { place: sent.length, draft };
    const place = this.#shown.place + step;
    if (place < 0) return null;
    if (place >= sent.length) {
      const begun = this.#shown.draft;
      this.stop();
      return begun;
    }
    this.#shown.place = place;
    return sent[place];
  }
}
