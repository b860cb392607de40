/** The rooms one is in, with what is unread in them. */
import { byName } from "../text/names.js";
import { safe } from "../text/safe.js";
import { el, icon, nextFrame } from "./dom.js";

const MOST = 1000; // the server counts no further

export class Sidebar extends HTMLElement {
  #chat;
  #list = el("ul", { role: "list" });
  #me = el("bdi", { class: "by" });
  #link = el("span", { class: "link-state" });
  #all = el("button", { type: "button", class: "row", "data-do": "lobby" }, icon("plus"), "All rooms");
  #draw = () => this.#patch();

  attach(chat) {
    this.#chat = chat;
    const rooms = el("div", { class: "mine" }, this.#list, this.#all);
    const foot = el(
      "div",
      { class: "foot" },
      el("div", { class: "who" }, this.#me, this.#link),
      el("button", { type: "button", class: "icon-button", "data-do": "help", "aria-label": "Help (?)", title: "Help (?)" }, icon("help")),
      el("button", { type: "button", class: "icon-button", "data-do": "settings", "aria-label": "Settings", title: "Settings" }, icon("settings")),
    );
    const brand = el(
      "div",
      { class: "brand" },
      el("img", { src: "/static/icon.svg", alt: "", width: "26", height: "26" }),
      el("span", {}, "Hubbub"),
    );
    this.setAttribute("role", "navigation");
    this.setAttribute("aria-label", "Rooms, help and settings");
    this.append(brand, rooms, foot);
    chat.rooms.changed.on(() => nextFrame(this.#draw));
    chat.stateChanged.on(() => nextFrame(this.#draw));
    return this;
  }

  /** The rooms in the order in which they are shown. */
  rooms() {
    return [...this.#chat.rooms].sort((one, other) => byName(one.name, other.name));
  }

  #patch() {
    const { state, user } = this.#chat;
    const { current } = this.#chat.rooms;
    this.#me.textContent = safe(user);
    if (current) this.#all.removeAttribute("aria-current");
    else this.#all.setAttribute("aria-current", "page");
    this.#link.textContent = state === "online" ? "" : "not connected";
    const focused = this.#list.contains(document.activeElement) && document.activeElement.hash;
    const rows = this.rooms().map((room) => this.#row(room, room === current));
    if (!same(this.#list, rows)) {
      this.#list.replaceChildren(...rows);
      if (focused) [...this.#list.querySelectorAll("a")].find(({ hash }) => hash === focused)?.focus();
    }
  }

  #row(room, here) {
    const unread = room.unread;
    const count = unread >= MOST ? `${MOST}+` : String(unread);
    const named = room.mentions > 0;
    return el(
      "li",
      {},
      el(
        "a",
        {
          href: `#/${encodeURIComponent(room.name)}`,
          class: ["row", unread && "unread", named && "named"].filter(Boolean).join(" "),
          "aria-current": here && "page",
        },
        icon("rooms"),
        el("bdi", { class: "room-name" }, safe(room.name)),
        unread > 0 && el("span", { class: "unseen" }, `, ${count} unread${named ? ", you are mentioned" : ""}`),
        unread > 0 && el("span", { class: "badge", "aria-hidden": "true" }, named ? `@ ${count}` : count),
      ),
    );
  }
}

function same(list, rows) {
  return (
    list.children.length === rows.length &&
    rows.every((row, place) => row.isEqualNode(list.children[place]))
  );
}

customElements.define("hub-sidebar", Sidebar);
