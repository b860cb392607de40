/**
 * Tells a screen reader what is new, in moderation: a few messages are read out, many are counted,
 * and never more than one announcement in two seconds.
 */
import { safe } from "../text/safe.js";
import { excerpt } from "./rows.js";

const PAUSE_MS = 2000;
const MOST = 3;

export class Announcer extends HTMLElement {
  #news = [];
  #timer = 0;

  connectedCallback() {
    this.setAttribute("role", "status");
    this.setAttribute("aria-live", "polite");
    this.classList.add("unseen");
  }

  /** A message of the room that is shown. */
  tell(event) {
    if (this.#news.length <= 100) this.#news.push(event);
    this.#timer ||= setTimeout(() => this.#speak(), 150);
  }

  /** A sentence. */
  say(sentence) {
    this.textContent = sentence;
  }

  #speak() {
    const news = this.#news.splice(0);
    const names = new Set(news.map(({ by }) => safe(by)));
    this.textContent =
      news.length > MOST
        ? `${news.length > 100 ? "More than 100" : news.length} new messages from ${[...names].slice(0, MOST).join(", ")}`
        : news.map(({ by, text }) => `${safe(by)}: ${excerpt(text)}`).join("\n");
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      if (this.#news.length) this.#speak();
    }, PAUSE_MS);
  }
}

customElements.define("hub-announcer", Announcer);
