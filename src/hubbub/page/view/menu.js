/** A menu that a button opens: commands, and choices of which one is chosen (WAI-ARIA, menu button pattern). */
import { el } from "./dom.js";
import { icon } from "./icons.js";

const APART = 4; // pixels between the button and its menu, and around it

/**
 * @typedef {{title: string}} Separator with a heading, or ""
 * @typedef {{label: string, icon: import("./icons.js").Icon, act: () => void}} Command
 * @typedef {{label: string, chosen: boolean, act: () => void}} Choice one of those beside it
 * @typedef {{emoji: string, label: string, chosen: boolean, act: () => void}} Face
 * @typedef {{faces: Face[]}} Faces beside each other
 * @typedef {Separator | Command | Choice | Faces} Item
 */

/**
 * Opens the menu of a button, or closes it. Items that are false are left out.
 * @param {HTMLElement} button
 * @param {string} label
 * @param {(Item | false)[]} items
 */
export function openMenu(button, label, items) {
  /** @type {Menu | null} */
  const open = document.querySelector("hub-menu");
  open?.close(); // a press beside it may have done that already
  if (open?.button === button) return;
  new Menu(button, label, items.filter((item) => item !== false)).show();
}

class Menu extends HTMLElement {
  /**
   * @param {HTMLElement} button
   * @param {string} label
   * @param {Item[]} items
   */
  constructor(button, label, items) {
    super();
    this.button = button;
    this.setAttribute("role", "menu");
    this.setAttribute("aria-label", label);
    // Not "auto": that would close it when the finger that has opened it, by a long press, is lifted.
    this.setAttribute("popover", "manual");
    this.append(...items.map((item) => this.#row(item)));
    this.addEventListener("keydown", (event) => this.#key(event));
    this.addEventListener("toggle", ({ newState }) => newState === "closed" && this.#closed());
  }

  /** @type {(event: Event) => void} a press beside it closes it; one on its button does that by itself */
  #pressed = ({ target }) => {
    const inside = target instanceof Node && (this.contains(target) || this.button.contains(target));
    if (!inside) this.close();
  };

  show() {
    this.button.closest("main, [role=complementary], [role=navigation]")?.append(this); // into a landmark, as all content
    this.showPopover();
    this.#place();
    document.addEventListener("pointerdown", this.#pressed, { capture: true });
    this.button.setAttribute("aria-expanded", "true");
    this.#rows[0]?.focus();
  }

  close() {
    this.hidePopover();
  }

  get #rows() {
    return [...this.querySelectorAll("button")];
  }

  /**
   * @param {Item} item
   * @returns {HTMLElement}
   */
  #row(item) {
    if ("title" in item) return el("div", { class: "title", role: "separator" }, item.title);
    if ("faces" in item) return el("div", { class: "faces", role: "group", "aria-label": "React" }, ...item.faces.map((face) => this.#face(face)));
    const choice = "chosen" in item;
    const made = el(
      "button",
      {
        type: "button",
        tabindex: "-1",
        role: choice ? "menuitemradio" : "menuitem",
        "aria-checked": choice && String(item.chosen),
      },
      choice ? el("span", { class: "mark" }, item.chosen && icon("done")) : icon(item.icon),
      el("span", {}, item.label),
    );
    return this.#acting(made, item.act);
  }

  /** @param {Face} face */
  #face({ emoji, label, chosen, act }) {
    const attributes = { type: "button", tabindex: "-1", role: "menuitemcheckbox", "aria-checked": String(chosen), "aria-label": label, title: label };
    return this.#acting(el("button", attributes, emoji), act);
  }

  /** @type {(made: HTMLElement, act: () => void) => HTMLElement} */
  #acting(made, act) {
    made.addEventListener("click", () => {
      this.button.focus();
      this.close();
      act();
    });
    return made;
  }

  /** Puts it below the button, or above it where there is more space; never out of the window. */
  #place() {
    const at = this.button.getBoundingClientRect();
    const { width, height } = this.getBoundingClientRect();
    const most = { left: innerWidth - width - APART, top: innerHeight - height - APART };
    const below = at.bottom + APART;
    const top = below <= most.top ? below : at.top - height - APART;
    this.style.left = `${Math.max(APART, Math.min(at.left, most.left))}px`;
    this.style.top = `${Math.max(APART, Math.min(top, most.top))}px`;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const rows = this.#rows;
    const at = rows.findIndex((row) => row === document.activeElement);
    /** @type {Record<string, number>} */
    const places = { ArrowDown: at + 1, ArrowUp: at - 1, ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 };
    const to = places[event.key];
    if (event.key === "Tab" || event.key === "Escape") {
      this.button.focus();
      this.close();
    } else if (to !== undefined) {
      rows.at(to % rows.length)?.focus();
    } else if (event.key.length === 1 && event.key !== " ") {
      const begins = (/** @type {Element} */ row) => row.textContent.toLowerCase().startsWith(event.key.toLowerCase());
      [...rows.slice(at + 1), ...rows].find(begins)?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #closed() {
    document.removeEventListener("pointerdown", this.#pressed, { capture: true });
    this.button.setAttribute("aria-expanded", "false");
    this.remove();
  }
}

customElements.define("hub-menu", Menu);
