/**
 * Where files are that were said. Links and pictures carry no token: they have a pass, a word that lets this user read
 * files for some hours, and nothing else.
 */
import { asked } from "../net/uploading.js";
import { Signal } from "../signal.js";

const PAUSE_MS = 2000; // between two attempts
const MAX_SECONDS = 86_400; // a pass that is good for longer is renewed after a day
const MAX_PASS_CHARS = 1000;

/** @typedef {import("../text/kinds.js").File} Told */

export class Files {
  /** There is another pass. @type {Signal<[]>} */
  changed = new Signal();
  #who;
  #pass = "";
  #asked = -Infinity;
  #next = 0;
  #later = 0;

  /** @param {() => import("../net/uploading.js").Who} who */
  constructor(who) {
    this.#who = who;
  }

  /**
   * The address of a file, or of its small picture.
   * @param {Told} file
   * @param {boolean} [small]
   */
  address({ id, name }, small = false) {
    const pass = this.#pass && `?pass=${encodeURIComponent(this.#pass)}`;
    return `api/files/${encodeURIComponent(id)}/${small ? "thumbnail" : encodeURIComponent(name)}${pass}`;
  }

  /** Gets a new pass; a while later, if it has just done so. `changed` is emitted in any case: what failed may be there now. */
  async renew(again = false) {
    const now = performance.now();
    const who = this.#who();
    if (!who.token) return;
    clearTimeout(this.#later);
    const early = this.#asked + PAUSE_MS - now;
    if (early > 0 && !again) {
      this.#later = setTimeout(() => this.renew(true), early);
      return;
    }
    this.#asked = now;
    try {
      const { word, seconds } = await (await asked("GET", "api/files/pass", { who })).json();
      if (typeof word !== "string" || word.length > MAX_PASS_CHARS || who.token !== this.#who().token) return;
      clearTimeout(this.#next);
      if (seconds > 0) this.#next = setTimeout(() => this.renew(), Math.max(PAUSE_MS, Math.min(seconds, MAX_SECONDS) * 1000));
      this.#pass = word;
      this.changed.emit();
    } catch {
      // Not connected: who looks at a picture then asks again.
    }
  }

  /** The user is another one. */
  forget() {
    clearTimeout(this.#next);
    clearTimeout(this.#later);
    this.#pass = "";
    this.#asked = -Infinity;
  }
}
