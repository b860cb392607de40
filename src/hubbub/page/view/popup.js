/** The suggestions below the cursor: a list box whose choice the text field names to a screen reader. */
import { el } from "./dom.js";
import { targetOf } from "./events.js";

const FEWEST = 3;
const SHARE = 0.45; // of the window's height
const ROW = 40; // pixels

/** @typedef {import("../text/completion.js").Choice} Choice */

export class Popup extends HTMLElement {
  /** @type {Choice[]} */
  #choices = [];
  #place = 0; // of the one that is chosen; -1: none
  /** @type {(choice: Choice) => void} */
  onpick = () => {};

  connectedCallback() {
    this.id ||= "completions";
    this.setAttribute("role", "listbox");
    this.setAttribute("aria-label", "Suggestions");
    this.hidden = true;
    // The text field keeps the focus.
    this.addEventListener("pointerdown", (event) => event.preventDefault());
    this.addEventListener("click", (event) => {
      const option = targetOf(event).closest("[role=option]");
      const place = option ? [...this.children].indexOf(option) : -1;
      if (place >= 0) this.onpick(this.#choices[place]);
    });
  }

  get open() {
    return !this.hidden;
  }

  /**
   * The one that is chosen.
   * @returns {Choice | undefined}
   */
  get choice() {
    return this.#choices[this.#place];
  }

  /** @returns {Choice | undefined} */
  get first() {
    return this.#choices[0];
  }

  /**
   * Shows choices, as many as there is height for; without any it closes. The first one is chosen if the
   * user has `asked` for suggestions. `field` is the text field for which they are.
   * @param {Choice[]} choices
   * @param {Element} field
   */
  offer(choices, field, asked = false) {
    const most = Math.max(FEWEST, Math.floor((innerHeight * SHARE) / ROW));
    this.#choices = choices = choices.slice(0, most);
    this.#place = asked ? 0 : -1;
    this.hidden = choices.length === 0;
    this.replaceChildren(
      ...choices.map(({ label, hint }, place) =>
        el(
          "div",
          { role: "option", id: `completion-${place}` },
          el("bdi", {}, label),
          hint && el("span", { class: "hint" }, hint),
        ),
      ),
    );
    this.#mark(field);
  }

  /**
   * Chooses the next one, or (`step` is -1) the one before; from the last one it goes on to the first.
   * @param {1 | -1} step
   * @param {Element} field
   */
  move(step, field) {
    const { length } = this.#choices;
    this.#place = this.#place < 0 && step < 0 ? length - 1 : (this.#place + step + length) % length;
    this.#mark(field);
  }

  /** @param {Element} field */
  #mark(field) {
    [...this.children].forEach((option, place) => {
      option.setAttribute("aria-selected", String(place === this.#place));
    });
    if (this.choice) {
      field.setAttribute("aria-activedescendant", `completion-${this.#place}`);
    } else {
      field.removeAttribute("aria-activedescendant");
    }
  }
}

customElements.define("hub-popup", Popup);
