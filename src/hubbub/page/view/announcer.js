/**
 * Announces new messages to screen readers: a few are read out, many are only counted, and there is at
 * most one announcement in two seconds.
 */
import { quotable } from "../text/attached.js";
import { excerpt } from "../text/excerpt.js";
import { safe } from "../text/safe.js";

const GATHER_MS = 150; // messages that come within it are announced together
const PAUSE_MS = 2000; // between two announcements
const MAX_READ = 3; // messages that are read out; of more, as many authors are named
const MAX_COUNTED = 100;

/** @typedef {import("../text/kinds.js").Message} Message */

export class Announcer extends HTMLElement {
  /** @type {Message[]} */
  #news = [];
  #timer = 0;

  connectedCallback() {
    this.setAttribute("role", "status");
    this.setAttribute("aria-live", "polite");
    this.classList.add("unseen");
  }

  /**
   * Announces a message of the room that is shown.
   * @param {Message} event
   */
  tell(event) {
    if (this.#news.length <= MAX_COUNTED) this.#news.push(event);
    this.#timer ||= setTimeout(() => this.#speak(), GATHER_MS);
  }

  /** Nothing of what was announced stays. */
  clear() {
    this.#news = [];
    this.textContent = "";
  }

  /**
   * A message was taken back: what else is to be announced stays.
   * @param {number} seq
   */
  forget(seq) {
    this.#news = this.#news.filter((event) => event.seq !== seq);
    this.textContent = "";
  }

  #speak() {
    const news = this.#news.splice(0);
    const names = new Set(news.map(({ by }) => safe(by)));
    this.textContent =
      news.length > MAX_READ
        ? `${news.length > MAX_COUNTED ? "More than 100" : news.length} new messages from ${[...names].slice(0, MAX_READ).join(", ")}`
        : news.map((event) => `${safe(event.by)}: ${excerpt(quotable(event))}`).join("\n");
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      if (this.#news.length) this.#speak();
    }, PAUSE_MS);
  }
}

customElements.define("hub-announcer", Announcer);
