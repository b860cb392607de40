/** The place of the search beside the room. What is in it is fetched when it is opened first. */
import { withDialogs } from "./more.js";
import { Router } from "./router.js";

export class Search extends HTMLElement {
  #chat;
  /** @type {import("./search-form.js").SearchForm | null} */
  #form = null;

  /** @param {import("../chat/chat.js").Chat} chat */
  constructor(chat) {
    super();
    this.#chat = chat;
    this.setAttribute("role", "complementary");
    this.setAttribute("aria-label", "Search");
  }

  /**
   * Shows itself, with the results of a query if there is one, or else those of the last search.
   * @param {string} query
   */
  show(query) {
    withDialogs(({ SearchForm }) => {
      this.#form ??= new SearchForm(this.#chat, this);
      if (this.hidden) return; // it was closed meanwhile
      this.#form.show();
      if (query) this.#form.find(query);
    });
  }

  /**
   * Drops what was found in a room that the user may not read any more.
   * @param {import("../chat/room.js").Room} room
   */
  forget(room) {
    this.#form?.forget(Router.hash(room.name));
  }

  /**
   * Drops a message that was taken back.
   * @param {import("../chat/room.js").Room} room
   * @param {number} seq
   */
  forgetMessage(room, seq) {
    this.#form?.forget(Router.hash(room.name, seq));
  }

  /**
   * Drops what was found of somebody who has closed their account.
   * @param {string | null | undefined} id
   */
  forgetAuthor(id) {
    if (id) this.#form?.forgetAuthor(id);
  }
}

customElements.define("hub-search", Search);
