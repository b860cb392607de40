/**
 * A short notice. It goes by itself, and when the user writes on; but not from under the pointer, nor while
 * its button has the focus.
 */
import { el } from "./dom.js";

const NOTICE_MS = 8000;

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

  /** @param {string} sentence */
  say(sentence) {
    clearTimeout(this.#timer);
    this.replaceChildren(el("span", {}, sentence));
    this.#hideLater();
  }

  /**
   * Says a sentence, with a button that does something; it stays until it is pressed, or (`passing`) for a while.
   * @param {string} sentence
   * @param {string} label
   * @param {() => void} act
   */
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

customElements.define("hub-toast", Toast);
