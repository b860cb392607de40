/** The place beside the room for some of its messages: what is pinned, or a conversation. What is in it is fetched with the dialogs. */
import { isMessage } from "../text/kinds.js";
import { withDialogs } from "./more.js";

/**
 * @typedef {import("../chat/room.js").Room} Room
 * @typedef {import("../keep/drafts.js").Reply} Reply
 */

export class Aside extends HTMLElement {
  /** @type {Room | null} */
  room = null;
  /** @type {number | null} around which message the conversation is; null: what is pinned is shown */
  target = null;
  #chat;
  #onsend;
  /** @type {import("./aside-panel.js").AsidePanel | null} */
  #panel = null;

  /**
   * @param {import("../chat/chat.js").Chat} chat
   * @param {(text: string, reply: Reply) => boolean} onsend false: it cannot be sent
   */
  constructor(chat, onsend) {
    super();
    this.#chat = chat;
    this.#onsend = onsend;
    this.setAttribute("role", "complementary");
    this.setAttribute("aria-label", "Messages of the room");
  }

  /**
   * @param {Room} room
   * @param {number | null} target
   */
  show(room, target) {
    this.room = room;
    this.target = target;
    withDialogs(({ AsidePanel }) => {
      this.#panel ??= new AsidePanel(this.#chat, this, this.#onsend);
      if (!this.hidden) this.#panel.show(room, target);
    });
  }

  /**
   * The message whose row has this node, or null.
   * @param {Element | null} [node]
   */
  eventOf(node) {
    /** @type {HTMLElement | null | undefined} */
    const row = node?.closest("[data-seq].said");
    const event = row && this.#panel?.find(Number(row.dataset.seq));
    return event && isMessage(event) ? event : null;
  }

  /**
   * Begins an answer to a message of the conversation; false where there is none.
   * @param {import("../text/kinds.js").Message} event
   */
  replyTo(event) {
    if (this.target === null) return false;
    this.#panel?.replyTo(event);
    return true;
  }

  /**
   * The user may not read a room any more.
   * @param {Room} room
   */
  forget(room) {
    if (room !== this.room) return;
    this.hidden = true;
    this.room = null;
    this.#panel?.clear();
  }
}

customElements.define("hub-aside", Aside);
