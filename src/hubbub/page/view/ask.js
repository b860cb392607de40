/** The question whether one wants to be told of mentions: asked once, in words, when there is a reason. */
import { isMessage } from "../text/kinds.js";
import { el } from "./dom.js";

export class Ask extends HTMLElement {
  #text = el("span", { role: "status" });
  #yes = el("button", { type: "button" }, "Yes, tell me");
  #no = el("button", { type: "button" }, "No");

  /** Asks when one has written, or was mentioned, for the first time. */
  attach(chat, attention, settings) {
    this.hidden = true;
    this.append(this.#text, this.#yes, this.#no);
    const ask = (room, events) => {
      if (settings.notifyDecided || !this.hidden) return;
      const reason = (event) => isMessage(event) && (chat.isMine(event) || chat.concerns(event));
      if (events.some(reason) && attention.undecided) this.#ask();
    };
    chat.arriving.news.on(ask);
    settings.changed.on(() => (this.hidden ||= settings.notifyDecided && !this.#yes.hidden));
    this.#yes.addEventListener("click", async () => {
      this.#yes.hidden = true;
      this.#answer(await attention.chooseEverywhere("mentions"));
    });
    this.#no.addEventListener("click", () => {
      if (this.#yes.hidden) this.hidden = true;
      else attention.chooseEverywhere("off").then(() => (this.hidden = true));
    });
    return this;
  }

  #ask() {
    this.hidden = false;
    this.#yes.hidden = false;
    this.#no.textContent = "No";
    this.#text.textContent = "Shall this page tell you when somebody mentions you?";
  }

  /** A refusal is explained here, where it happened. */
  #answer(problem) {
    this.#no.textContent = "Close";
    this.#text.textContent = problem || "You will be told when somebody mentions you. The settings have more.";
  }
}

customElements.define("hub-ask", Ask);
