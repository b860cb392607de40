/** The question whether the user wants to be notified of mentions: asked once, when there is a reason. */
import { isMessage } from "../text/kinds.js";
import { el } from "./dom.js";

export class Ask extends HTMLElement {
  #text = el("span", { role: "status" });
  #yes = el("button", { type: "button" }, "Yes, tell me");
  #no = el("button", { type: "button" }, "No");

  /**
   * Asks when the user has written, or was mentioned, for the first time.
   * @param {import("../chat/chat.js").Chat} chat
   * @param {import("./notifications.js").Notifications} notifications
   * @param {import("../keep/settings.js").Settings} settings
   */
  constructor(chat, notifications, settings) {
    super();
    this.hidden = true;
    this.append(this.#text, this.#yes, this.#no);
    /** @type {(room: import("../chat/room.js").Room, event: import("../text/kinds.js").LogEvent) => boolean} */
    const isReason = (room, event) => isMessage(event) && (chat.isMine(event) || chat.concerns(room, event));
    chat.arriving.news.on((room, events) => {
      if (settings.notifyDecided || !this.hidden) return;
      if (events.some((event) => isReason(room, event)) && notifications.undecided) this.#ask();
    });
    settings.changed.on(() => (this.hidden ||= settings.notifyDecided && !this.#yes.hidden));
    this.#yes.addEventListener("click", async () => {
      this.#yes.hidden = true;
      this.#answer(await notifications.chooseEverywhere("mentions"));
    });
    this.#no.addEventListener("click", () => {
      if (this.#yes.hidden) this.hidden = true;
      else notifications.chooseEverywhere("off").then(() => (this.hidden = true));
    });
  }

  #ask() {
    this.hidden = false;
    this.#yes.hidden = false;
    this.#no.textContent = "No";
    this.#text.textContent = "Shall this page tell you when somebody mentions you?";
  }

  /**
   * `problem`: why the browser does not allow it, which is shown here, where the user was asked; or "".
   * @param {string} problem
   */
  #answer(problem) {
    this.#no.textContent = "Close";
    this.#text.textContent = problem || "You will be told when somebody mentions you. The settings have more.";
  }
}

customElements.define("hub-ask", Ask);
