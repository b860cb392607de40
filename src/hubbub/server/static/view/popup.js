/** The list of completions below the cursor: a listbox whose choice the text field tells about. */
import { el } from "./dom.js";

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

  get choice() {
    return this.#choices[this.#place];
  }

  /** Offers choices; none closes it. `field` is told which one is meant. */
  offer(choices, field) {
    this.#choices = choices;
    this.#place = 0;
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
    this.#place = (this.#place + step + this.#choices.length) % this.#choices.length;
    this.#mark(field);
  }

  #mark(field) {
    [...this.children].forEach((option, place) => {
      option.setAttribute("aria-selected", String(place === this.#place));
    });
    if (this.open) {
      field.setAttribute("aria-activedescendant", `completion-${this.#place}`);
      this.children[this.#place].scrollIntoView({ block: "nearest" });
    } else {
      field.removeAttribute("aria-activedescendant");
    }
  }
}

customElements.define("hub-popup", Popup);
