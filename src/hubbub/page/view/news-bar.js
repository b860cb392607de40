/** What is new in the room that is shown and not in sight: how much, the ways there, and to be done with it. */
import { el, icon, iconButton } from "./dom.js";

const MOST = 1000; // the server counts no further

export class NewsBar extends HTMLElement {
  room = null;
  #text = el("span", { class: "news-text" });
  #first = way("news", "To the first new message (u)", icon("up"), "First", "new");
  #named = way("mention", "To the next mention of you (Alt+M)", "@ Next", "mention");
  #done = iconButton("done", "Mark this room as read (m)", { "data-do": "mark-read" });

  connectedCallback() {
    this.setAttribute("role", "group");
    this.setAttribute("aria-label", "New messages");
    this.append(this.#text, this.#first, this.#named, this.#done);
  }

  /**
   * `above`: the first new message is above what is seen.
   * @param {{unread: number, mentions: number}} room
   * @param {boolean} above
   */
  show({ unread, mentions }, above) {
    this.hidden = !unread || !(above || mentions);
    if (this.hidden) return;
    this.#first.hidden = !above;
    this.#named.hidden = !mentions;
    const text = words(unread, mentions);
    if (this.#text.textContent !== text) this.#text.textContent = text;
  }
}

/**
 * A button; the last of its words are shown where there is space.
 * @param {string} act
 * @param {string} title
 * @param {import("./dom.js").Child[]} words
 */
function way(act, title, ...words) {
  const more = el("span", { class: "wide-only" }, words.pop());
  return el("button", { type: "button", "data-do": act, title, "aria-label": title }, ...words, more);
}

/**
 * What is unread, in words: "94 new, 2 mention you".
 * @param {number} unread
 * @param {number} mentions
 */
export function words(unread, mentions) {
  const many = (/** @type {number} */ count) => (count >= MOST ? `${MOST.toLocaleString()}+` : count.toLocaleString());
  if (!mentions) return `${many(unread)} new`;
  if (unread === 1) return "1 new, which mentions you";
  return `${many(unread)} new, ${many(mentions)} ${mentions === 1 ? "mentions" : "mention"} you`;
}

customElements.define("hub-news-bar", NewsBar);
