/** The filters of a search as chips: those that hold, each with a way to drop it, and those that one may add. */
import { FILTERS } from "../text/filters.js";
import { safe } from "../text/safe.js";
import { el, icon } from "./dom.js";

const MOST_NAMES = 100; // that are suggested

/** How each is called, where it is offered and where it holds. */
const WORDS = {
  in: { offered: "In this room", holds: (room) => ["In ", el("bdi", {}, safe(room))] },
  from: { offered: "From a person…", asks: "Whose messages?", holds: (name) => ["From ", el("bdi", {}, safe(name))] },
  after: { offered: "Since a day…", asks: "From which day on?", type: "date", holds: (day) => [`Since ${day}`] },
  before: { offered: "Before a day…", asks: "Before which day?", type: "date", holds: (day) => [`Before ${day}`] },
  has: { offered: "With a link", holds: () => ["With a link"] },
};

export class Chips extends HTMLElement {
  onchange = () => {}; // another filter holds, or one less
  filters = {};
  #context = () => ({});
  #asked = null; // the filter whose value is asked for

  /** `context()` gives the `room` that is shown, or null, and the `names` of people. */
  attach(context) {
    this.#context = context;
    this.setAttribute("role", "group");
    this.setAttribute("aria-label", "Filters");
    return this;
  }

  /** Shows these filters. */
  show(filters) {
    this.filters = filters;
    this.#asked = null;
    this.#draw();
  }

  #draw() {
    const { room } = this.#context();
    const shown = FILTERS.filter((name) => this.filters[name] || name !== "in" || room !== null);
    this.replaceChildren(...shown.map((name) => this.#chip(name)));
  }

  #chip(name) {
    const { offered, holds } = WORDS[name];
    const value = this.filters[name];
    if (name === this.#asked) return this.#question(name);
    const chip = value
      ? el("button", { type: "button", class: "chip", "aria-pressed": "true" }, el("span", {}, ...holds(value)), icon("close"))
      : el("button", { type: "button", class: "chip", "aria-pressed": "false" }, offered);
    if (value) chip.title = "Press to drop this filter";
    chip.dataset.filter = name;
    chip.addEventListener("click", () => (value ? this.#set(name, "") : this.#begin(name)));
    return chip;
  }

  #begin(name) {
    if (name === "in") this.#set(name, this.#context().room);
    else if (name === "has") this.#set(name, "link");
    else {
      this.#asked = name;
      this.#draw();
      this.querySelector("input").focus();
    }
  }

  #question(name) {
    const { asks, type = "text" } = WORDS[name];
    const field = el("input", { type, id: "filter", list: type === "text" && "people", autocomplete: "off", autocapitalize: "none" });
    const people = [...this.#context().names].slice(0, MOST_NAMES).map((one) => el("option", { value: one }));
    const form = el(
      "form",
      { class: "chip-form" },
      el("label", { for: "filter" }, asks),
      el("div", { class: "field" }, field, el("button", {}, "Add")),
      type === "text" && el("datalist", { id: "people" }, ...people),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#set(name, field.value.trim().replace(/^@/, ""));
    });
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.#set(name, "");
    });
    return form;
  }

  #set(name, value) {
    this.#asked = null;
    const before = this.filters[name] ?? "";
    this.filters = { ...this.filters, [name]: value };
    this.#draw();
    this.querySelector(`[data-filter=${name}]`)?.focus();
    if (value !== before) this.onchange();
  }
}

customElements.define("hub-chips", Chips);
