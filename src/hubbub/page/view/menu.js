/** A menu that a button opens: commands, and choices of which one holds (WAI-ARIA, menu button pattern). */
import { el, icon } from "./dom.js";

const APART = 4; // pixels between the button and its menu, and around it

/**
 * Opens the menu of a button, or closes it. `items`: {label, icon, act} is a command; {label, chosen, act} a choice, of
 * those beside it; {title} parts them, with a heading or ""; null and false are left out.
 */
export function openMenu(button, label, items) {
  const open = document.querySelector("hub-menu");
  open?.close(); // a press beside it may have done that already
  if (open?.button === button) return;
  const menu = document.createElement("hub-menu");
  menu.show(button, label, items.filter(Boolean));
}

class Menu extends HTMLElement {
  button;

  show(button, label, items) {
    this.button = button;
    this.setAttribute("role", "menu");
    this.setAttribute("aria-label", label);
    this.setAttribute("popover", "auto");
    this.append(...items.map((item) => this.#row(item)));
    this.addEventListener("keydown", (event) => this.#key(event));
    this.addEventListener("toggle", ({ newState }) => newState === "closed" && this.#closed());
    button.closest("main, [role=complementary]").append(this); // a landmark, as all content
    this.showPopover();
    this.#place();
    button.setAttribute("aria-expanded", "true");
    this.#rows[0]?.focus();
  }

  close() {
    this.hidePopover();
  }

  get #rows() {
    return [...this.querySelectorAll("button")];
  }

  #row(item) {
    if (item.title !== undefined) return el("div", { class: "title", role: "separator" }, item.title);
    const choice = item.chosen !== undefined;
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
    made.addEventListener("click", () => {
      this.button.focus();
      this.close();
      item.act();
    });
    return made;
  }

  /** Below the button, or above it where there is more space; never out of the window. */
  #place() {
    const at = this.button.getBoundingClientRect();
    const { width, height } = this.getBoundingClientRect();
    const most = { left: innerWidth - width - APART, top: innerHeight - height - APART };
    const below = at.bottom + APART;
    const top = below <= most.top ? below : at.top - height - APART;
    this.style.left = `${Math.max(APART, Math.min(at.left, most.left))}px`;
    this.style.top = `${Math.max(APART, Math.min(top, most.top))}px`;
  }

  #key(event) {
    const rows = this.#rows;
    const at = rows.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (event.key === "Tab" || event.key === "Escape") {
      this.button.focus();
      this.close();
    } else if (to !== undefined) {
      rows.at(to % rows.length).focus();
    } else if (event.key.length === 1 && event.key !== " ") {
      const begins = (row) => row.textContent.toLowerCase().startsWith(event.key.toLowerCase());
      [...rows.slice(at + 1), ...rows].find(begins)?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #closed() {
    this.button.setAttribute("aria-expanded", "false");
    this.remove();
  }
}

customElements.define("hub-menu", Menu);
