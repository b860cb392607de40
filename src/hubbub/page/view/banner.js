/** The calm line about the connection, and short notices. */
import { el } from "./dom.js";

const CALM_MS = 600; // a loss that is mended sooner is not worth a word
const NOTICE_MS = 8000;

export class Banner extends HTMLElement {
  #chat;
  #text = el("span", { role: "status" });
  #now = el("button", { type: "button" }, "Try now");
  #timer = 0;
  #tick = 0;

  attach(chat) {
    this.#chat = chat;
    this.hidden = true;
    this.append(this.#text, this.#now);
    this.#now.addEventListener("click", () => chat.hurry());
    chat.stateChanged.on(() => this.#look());
    return this;
  }

  #look() {
    const { state } = this.#chat;
    const lost = state === "waiting";
    if (state === "online" || state === "idle") {
      clearTimeout(this.#timer);
      clearInterval(this.#tick);
      this.#timer = this.#tick = 0;
      this.hidden = true;
    } else if (lost && !this.#timer) {
      this.#timer = setTimeout(() => {
        this.hidden = false;
        this.#show();
        this.#tick = setInterval(() => this.#show(), 1000);
      }, CALM_MS);
    }
  }

  #show() {
    const seconds = Math.ceil((this.#chat.nextTry - performance.now()) / 1000);
    const again = seconds > 1 ? `Trying again in ${seconds} seconds.` : "Trying again…";
    const why = this.#chat.reason && ` ${this.#chat.reason}`;
    const text = `No connection. ${again} What you write is kept, and sent when it is back.${why}`;
    // Seconds that run are not read out.
    this.#text.setAttribute("aria-live", this.#text.textContent ? "off" : "polite");
    this.#text.textContent = text;
  }
}

/** A notice that goes by itself, and when one writes on: not from under a finger, nor while one is at its button. */
export class Toast extends HTMLElement {
  #timer = 0;

  constructor() {
    super();
    document.addEventListener("input", () => this.querySelector("button") || this.#hide());
  }

  connectedCallback() {
    this.setAttribute("role", "status");
  }

  #hide() {
    clearTimeout(this.#timer);
    this.replaceChildren();
  }

  #hideLater() {
    this.#timer = setTimeout(() => (this.matches(":hover, :focus-within") ? this.#hideLater() : this.#hide()), NOTICE_MS);
  }

  say(sentence) {
    clearTimeout(this.#timer);
    this.replaceChildren(el("span", {}, sentence));
    this.#hideLater();
  }

  /** Offers something to do, for good or (`passing`) for a while. */
  offer(sentence, label, act, passing = false) {
    this.say(`${sentence} `);
    if (!passing) clearTimeout(this.#timer);
    const button = el("button", { type: "button" }, label);
    button.addEventListener("click", () => {
      this.#hide();
      act();
    });
    this.append(button);
  }
}

customElements.define("hub-banner", Banner);
customElements.define("hub-toast", Toast);
