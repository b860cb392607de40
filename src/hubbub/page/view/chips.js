/** The filters of a search as chips: those that are set, each with a way to drop it, and those that may be added. */
import { FILTERS } from "../text/filters.js";
import { safe } from "../text/safe.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";

const MAX_NAMES = 100; // that are suggested

/**
 * @typedef {import("../text/filters.js").Filter} Filter
 * @typedef {import("../text/filters.js").Filters} Filters
 * @typedef {{room: string | null, names: Iterable<string>}} Context the room that is shown, and names to suggest
 *
 * The words of a filter: where it is offered, where its value is asked for, and where it is set.
 * @typedef {{offered: string, asks?: string, type?: string, holds: (value: string) => import("./dom.js").Child[]}} Words
 */

/** @type {Record<Filter, Words>} */
const WORDS = {
  in: { offered: "In this room", holds: (room) => ["In ", el("bdi", {}, safe(room))] },
  from: { offered: "From a person…", asks: "Whose messages?", holds: (name) => ["From ", el("bdi", {}, safe(name))] },
  after: { offered: "Since a day…", asks: "From which day on?", type: "date", holds: (day) => [`Since ${day}`] },
  before: { offered: "Before a day…", asks: "Before which day?", type: "date", holds: (day) => [`Before ${day}`] },
  has: { offered: "With a link", holds: () => ["With a link"] },
};

export class Chips extends HTMLElement {
  /** @type {Filters} */
  filters = {};
  #context;
  #onchange;
  /** @type {Filter | null} */
  #asked = null; // the filter whose value is asked for

  /**
   * @param {() => Context} context
   * @param {() => void} onchange called when a filter is set, changed or dropped
   */
  constructor(context, onchange) {
    super();
    this.#context = context;
    this.#onchange = onchange;
    this.setAttribute("role", "group");
    this.setAttribute("aria-label", "Filters");
  }

  /**
   * Shows these filters.
   * @param {Filters} filters
   */
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

  /** @param {Filter} name */
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

  /** @param {Filter} name */
  #begin(name) {
    if (name === "in") this.#set(name, this.#context().room ?? "");
    else if (name === "has") this.#set(name, "link");
    else {
      this.#asked = name;
      this.#draw();
      this.querySelector("input")?.focus();
    }
  }

  /** @param {Filter} name */
  #question(name) {
    const { asks, type = "text" } = WORDS[name];
    const field = el("input", { type, id: "filter", list: type === "text" && "people", autocomplete: "off", autocapitalize: "none" });
    const people = [...this.#context().names].slice(0, MAX_NAMES).map((one) => el("option", { value: one }));
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

  /**
   * @param {Filter} name
   * @param {string} value "" drops the filter
   */
  #set(name, value) {
    this.#asked = null;
    const before = this.filters[name] ?? "";
    this.filters = { ...this.filters, [name]: value };
    this.#draw();
    /** @type {HTMLElement | null} */
    const chip = this.querySelector(`[data-filter=${name}]`);
    chip?.focus();
    if (value !== before) this.#onchange();
  }
}

customElements.define("hub-chips", Chips);
