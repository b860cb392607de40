/** All rooms of the server, to enter one or make one. */
import { byName, keyOf } from "../text/names.js";
import { safe } from "../text/safe.js";
import { ago } from "../text/when.js";
import { el, icon, nextFrame } from "./dom.js";

const MOST = 200;

export class Lobby extends HTMLElement {
  onroom = () => {};
  #chat;
  #wish = el("input", {
    id: "room",
    maxlength: "200",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    dir: "auto",
    placeholder: "Find a room, or name a new one",
  });

  #enter = el("button", { class: "primary" }, "Enter");
  #list = el("ul", { class: "room-list", role: "list" });
  #draw = () => this.#patch();

  attach(chat) {
    this.#chat = chat;
    const form = el(
      "form",
      { autocomplete: "off" },
      el("label", { for: "room" }, "Which room?"),
      el("div", { class: "field" }, this.#wish, this.#enter),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const name = this.#wish.value.trim() || this.#found()[0]?.name;
      if (name) this.#choose(name);
    });
    this.#wish.addEventListener("input", this.#draw);
    this.append(el("div", { class: "card" }, el("h1", {}, "Rooms"), form, this.#list));
    chat.rooms.changed.on(() => this.isConnected && !this.hidden && nextFrame(this.#draw));
    return this;
  }

  show() {
    this.#wish.value = "";
    this.#patch();
    this.#wish.focus();
    this.#chat.rooms.refresh();
  }

  #choose(name) {
    const known = this.#chat.rooms.list.find((room) => keyOf(room.name) === keyOf(name));
    this.onroom(known?.name ?? name);
  }

  #found() {
    const wish = keyOf(this.#wish.value);
    const found = this.#chat.rooms.list.filter(({ name }) => keyOf(name).includes(wish));
    const exact = ({ name }) => (keyOf(name) === wish ? 0 : 1);
    return found.sort(
      (one, other) =>
        exact(one) - exact(other) || other.users - one.users || byName(one.name, other.name),
    );
  }

  #patch() {
    const rooms = this.#found();
    const wish = this.#wish.value.trim();
    const exists = rooms.some(({ name }) => keyOf(name) === keyOf(wish));
    this.#enter.textContent = wish && !exists ? "Create" : "Enter";
    const focused = this.#list.contains(document.activeElement) && document.activeElement.value;
    this.#list.replaceChildren(...rooms.slice(0, MOST).map((room) => this.#row(room)));
    if (!rooms.length && wish) {
      this.#list.append(el("li", { class: "none" }, "No such room yet. Enter makes it."));
    }
    if (focused) [...this.#list.querySelectorAll("button")].find(({ value }) => value === focused)?.focus();
  }

  #row({ name, users, at, topic }) {
    const people = `${users.toLocaleString()} ${users === 1 ? "user" : "users"}`;
    const button = el(
      "button",
      { type: "button", value: name },
      icon("rooms"),
      el("span", { class: "room-name" }, el("bdi", {}, safe(name)), topic && el("small", { dir: "auto" }, safe(topic))),
      el("span", { class: "room-facts" }, people, at && el("small", {}, ago(at))),
    );
    button.addEventListener("click", () => this.#choose(name));
    return el("li", {}, button);
  }
}

customElements.define("hub-lobby", Lobby);
