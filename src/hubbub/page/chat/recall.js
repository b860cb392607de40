/** The texts that the user has sent in each room, which can be brought back, changed and sent again. */

const MAX_TEXTS = 50; // of a room
const MAX_ROOMS = 50;

/** @typedef {{text: string, seqs: Set<number>}} Sent what was typed, and the messages that say it, as far as they have come */

export class Recall {
  /** @type {Map<string, Sent[]>} by the keys of rooms; the newest text is the last */
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
    const sent = this.#sent.get(key) ?? [];
    const seqs = sent.find((one) => one.text === text)?.seqs ?? new Set();
    this.#sent.delete(key);
    this.#sent.set(key, [...sent.filter((one) => one.text !== text), { text, seqs }].slice(-MAX_TEXTS));
    const [oldest] = this.#sent.keys();
    if (this.#sent.size > MAX_ROOMS) this.#sent.delete(oldest);
    this.stop();
  }

  /**
   * A message of the user says so.
   * @param {string} key of the room
   * @param {string} text
   * @param {number} seq
   */
  said(key, text, seq) {
    this.#sent.get(key)?.findLast((one) => says(one, text))?.seqs.add(seq);
  }

  /**
   * A text was taken back.
   * @param {string} key of the room
   * @param {string} text
   */
  forget(key, text) {
    this.#keep(key, (one) => !says(one, text));
  }

  /**
   * A message was taken back, by whomever.
   * @param {string} key of the room
   * @param {number} seq
   */
  takenBack(key, seq) {
    this.#keep(key, ({ seqs }) => !seqs.has(seq));
  }

  /**
   * All that was sent in a room is forgotten: any of it may have been taken back.
   * @param {string} key
   */
  drop(key) {
    this.#keep(key, () => false);
  }

  /** @type {(key: string, kept: (one: Sent) => boolean) => void} */
  #keep(key, kept) {
    const sent = this.#sent.get(key);
    const left = sent?.filter(kept);
    if (!sent || left?.length === sent.length) return;
    this.#sent.set(key, left ?? []);
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
    return sent[place].text;
  }
}

/** Whether what was typed says so, as a text or as what a command is about. @type {(one: Sent, text: string) => boolean} */
function says({ text: typed }, text) {
  const sent = typed.trimEnd();
  return text !== "" && (sent === text || (sent.startsWith("/") && sent.endsWith(text)));
}
