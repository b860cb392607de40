/** The line that says that there is no connection, and when it is tried again. */
import { el } from "./dom.js";

const CALM_MS = 600; // a connection that is back sooner is not worth a word
const RESTART_MS = 3000; // neither is a restart of the server that takes no longer, once we may come back

export class Banner extends HTMLElement {
  #login;
  #text = el("span", { role: "status" });
  #now = el("button", { type: "button" }, "Try now");
  #timer = 0;
  #tick = 0;

  /** @param {import("../chat/chat.js").Chat} chat */
  constructor({ login }) {
    super();
    this.#login = login;
    this.hidden = true;
    this.append(this.#text, this.#now);
    this.#now.addEventListener("click", () => login.hurry());
    login.changed.on(() => this.#look());
  }

  #look() {
    const { state } = this.#login;
    if (state === "online" || state === "idle") {
      clearTimeout(this.#timer);
      clearInterval(this.#tick);
      this.#timer = this.#tick = 0;
      this.hidden = true;
    } else if (state === "waiting" && !this.#timer) {
      this.#timer = setTimeout(() => {
        this.hidden = false;
        this.#show();
        this.#tick = setInterval(() => this.#show(), 1000);
      }, this.#login.planned ? this.#login.nextTry - performance.now() + RESTART_MS : CALM_MS);
    }
  }

  #show() {
    const seconds = Math.ceil((this.#login.nextTry - performance.now()) / 1000);
    const again = seconds > 1 ? `Trying again in ${seconds} seconds.` : "Trying again…";
    const why = this.#login.reason && ` ${this.#login.reason}`;
    const text = `No connection. ${again} What you write is kept, and sent when it is back.${why}`;
    // A screen reader says it once, and does not count the seconds.
    this.#text.setAttribute("aria-live", this.#text.textContent ? "off" : "polite");
    this.#text.textContent = text;
  }
}

customElements.define("hub-banner", Banner);
