/** The place of the administrator's page: fetched when it is needed first, and shown to administrators alone. */
import { withServerPage } from "./more.js";

export class ServerPlace {
  #chat;
  #router;
  #page;
  /** @type {import("./administering/page.js").ServerPage | null} */
  #made = null;
  /** @type {string | null} */
  #section = null; // that is to be shown; null: none

  /**
   * @param {object} given
   * @param {import("../chat/chat.js").Chat} given.chat
   * @param {import("./router.js").Router} given.router
   * @param {import("./app.js").App} given.page
   */
  constructor({ chat, router, page }) {
    this.#chat = chat;
    this.#router = router;
    this.#page = page;
    chat.moderating.roleChanged.on(() => {
      const shown = this.show(this.#section);
      if (this.#section !== null) page.lobby.hidden = shown;
    });
    chat.login.signedOut.on(() => this.#made?.leave());
  }

  /**
   * Shows a section of it ("": the first one), or nothing. Returns whether it is shown.
   * @param {string | null} section
   */
  show(section) {
    const before = this.#section;
    this.#section = section;
    const { administers } = this.#chat.moderating;
    this.#page.sidebar.showServer(administers, section !== null);
    if (this.#made) this.#made.hidden = section === null || !administers;
    if (section === null) this.#made?.leave();
    else if (administers) withServerPage((ServerPage) => this.#fill(ServerPage));
    else if (this.#chat.online) {
      this.#router.replace(null);
      this.#page.toast.say(before === null ? "That page is for who administers this server." : "You do not administer this server any more.");
    }
    return section !== null && administers;
  }

  /** @param {typeof import("./administering/page.js").ServerPage} ServerPage */
  #fill(ServerPage) {
    if (this.#section === null || !this.#chat.moderating.administers) return; // by now
    if (!this.#made) {
      this.#made = new ServerPage({ chat: this.#chat, page: this.#page, go: (room) => this.#router.go(room) });
      this.#page.main.append(this.#made);
    }
    this.#made.hidden = false;
    this.#made.show(this.#section);
  }
}
