/** The bar above the messages: how many unread ones are out of sight, and buttons to go there or to mark them as read. */
import { unreadWords } from "../text/unread.js";
import { el } from "./dom.js";
import { icon, iconButton } from "./icons.js";

export class NewsBar extends HTMLElement {
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
   * `above`: the first new message is above the messages in sight.
   * @param {import("../text/unread.js").Count} room
   * @param {boolean} above
   */
  show({ unread, mentions }, above) {
    this.hidden = !unread || !(above || mentions);
    if (this.hidden) return;
    this.#first.hidden = !above;
    this.#named.hidden = !mentions;
    const text = unreadWords({ unread, mentions });
    if (this.#text.textContent !== text) this.#text.textContent = text;
  }
}

/**
 * A button. The last of its `words` are shown only where there is space.
 * @param {string} act
 * @param {string} title
 * @param {import("./dom.js").Child[]} words
 */
function way(act, title, ...words) {
  const more = el("span", { class: "wide-only" }, words.pop());
  return el("button", { type: "button", "data-do": act, title, "aria-label": title }, ...words, more);
}

customElements.define("hub-news-bar", NewsBar);
