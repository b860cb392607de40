/** The list of completions below the cursor: a listbox whose choice the text field tells about. */
import { el } from "./dom.js";

const FEWEST = 3;
const SHARE = 0.45; // of the window's height
const ROW = 40; // pixels

export class Popup extends HTMLElement {
  #choices = [];
  #place = 0;
  onpick = () => {};

  connectedCallback() {
    this.id ||= "completions";
    this.setAttribute("role", "listbox");
    this.setAttribute("aria-label", "Suggestions");
    this.hidden = true;
    // The text field keeps the focus.
    this.addEventListener("pointerdown", (event) => event.preventDefault());
    this.addEventListener("click", ({ target }) => {
      const place = [...this.children].indexOf(target.closest("[role=option]"));
      if (place >= 0) this.onpick(this.#choices[place]);
    });
  }

  get open() {
    return !this.hidden;
  }

  /** The one that is chosen, or undefined. */
  get choice() {
    return this.#choices[this.#place];
  }

  get first() {
    return this.#choices[0];
  }

  /** Offers choices; none closes it. `field` is told which one is meant: at first one if it was asked for. */
  offer(choices, field, asked = false) {
    // As many as there is height for: what would have to be scrolled, one rather types.
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

  move(step, field) {
    const { length } = this.#choices;
    this.#place = this.#place < 0 && step < 0 ? length - 1 : (this.#place + step + length) % length;
    this.#mark(field);
  }

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
