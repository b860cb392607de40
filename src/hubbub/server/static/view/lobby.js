/** The rooms of the server, to enter one or make one: the first of them, more, and those one looks for. */
import { fits } from "../chat/directory.js";
import { byName, keyOf } from "../text/names.js";
import { safe } from "../text/safe.js";
import { ago } from "../text/when.js";
import { el, icon, nextFrame } from "./dom.js";

const PAUSE_MS = 150; // without a key, until the server is asked

export class Lobby extends HTMLElement {
  onroom = () => {};
  wanted = ""; // what is looked for when it is shown next
  #chat;
  #fetched = []; // rooms beside those of the directory
  #next = null; // where these go on
  #answered = ""; // what was looked for when the server answered last
  #looking = false; // the server was asked, or will be in a moment
  #asked = 0;
  #timer = 0;
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
  #status = el("p", { role: "status", class: "quiet" });
  #list = el("ul", { class: "room-list", role: "list" });
  #more = el("button", { type: "button", class: "plain more-rooms", hidden: true }, "More rooms");
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
    this.#wish.addEventListener("input", () => this.#look());
    this.#more.addEventListener("click", () => this.#goOn());
    const card = el("div", { class: "card" }, el("h1", {}, "Rooms"), form, this.#status, this.#list, this.#more);
    this.append(card);
    chat.rooms.changed.on(() => this.isConnected && !this.hidden && nextFrame(this.#draw));
    chat.rooms.listed.on(() => this.#answered !== this.#wish.value.trim() && !this.#looking && this.#look());
    return this;
  }

  show() {
    this.#wish.value = this.wanted;
    this.wanted = "";
    this.#look();
    this.#wish.focus();
    this.#chat.rooms.refresh();
  }

  #choose(name) {
    const known = this.#found().find((room) => keyOf(room.name) === keyOf(name));
    this.onroom(known?.name ?? name);
  }

  get #directory() {
    return this.#chat.rooms.directory;
  }

  get #after() {
    return this.#wish.value.trim() || this.#fetched.length ? this.#next : this.#directory.next;
  }

  /** Shows at once what is known, and in a moment what the server finds, if it has more than that. */
  #look() {
    clearTimeout(this.#timer);
    this.#asked += 1;
    this.#next = null;
    const wish = this.#wish.value.trim();
    if (!wish) {
      this.#fetched = [];
      this.#answered = "";
    }
    this.#looking = wish !== "" && this.#directory.next !== null;
    if (this.#looking) this.#timer = setTimeout(() => this.#ask(), PAUSE_MS);
    this.#patch();
  }

  async #goOn() {
    const before = new Set(this.#found().map(({ name }) => name));
    if (!(await this.#ask(this.#after))) return;
    const added = this.#found().find(({ name }) => !before.has(name));
    if (added) this.#button(added.name)?.focus(); // where one reads on
  }

  /** Asks for a page; false when nobody waits for it any more, or there is no answer. */
  async #ask(after = null) {
    const asked = ++this.#asked;
    this.#looking = true;
    this.#more.disabled = true;
    const wish = this.#wish.value.trim();
    const answer = await this.#directory.find(wish, after);
    if (asked !== this.#asked) return false;
    this.#looking = false;
    if (answer) {
      this.#answered = wish;
      this.#fetched = after ? [...this.#fetched, ...answer.rooms] : answer.rooms;
      this.#next = answer.next ?? null;
    }
    this.#patch();
    return answer !== null;
  }

  #found() {
    const { list, next } = this.#directory;
    const wish = keyOf(this.#wish.value);
    const known = new Map([...this.#fetched, ...list].map((room) => [keyOf(room.name), room]));
    const names = new Set([...list, ...this.#fetched].map(({ name }) => keyOf(name)));
    const found = [...names].filter((key) => fits(key, wish)).map((key) => known.get(key));
    const exact = ({ name }) => (keyOf(name) === wish ? 0 : 1);
    // What comes in pages stays in the server's order, so that each page is below the one before.
    const order = (one, other) => (next === null ? other.users - one.users || byName(one.name, other.name) : 0);
    return found.sort((one, other) => exact(one) - exact(other) || order(one, other));
  }

  #patch() {
    const rooms = this.#found();
    const wish = this.#wish.value.trim();
    const unsure = this.#looking || this.#after !== null;
    const exists = rooms.some(({ name }) => keyOf(name) === keyOf(wish));
    this.#enter.textContent = wish && !exists && !unsure ? "Create" : "Enter";
    const focused = this.#list.contains(document.activeElement) && document.activeElement.value;
    this.#list.replaceChildren(...rooms.map((room) => this.#row(room)));
    if (!rooms.length && wish && !unsure) {
      this.#list.append(el("li", { class: "none" }, "No such room yet. Enter makes it."));
    }
    this.#status.textContent = this.#directory.next === null ? "" : this.#words(rooms.length, wish);
    this.#status.hidden = !this.#status.textContent;
    this.#more.hidden = this.#after === null;
    this.#more.disabled = this.#looking;
    if (focused) this.#button(focused)?.focus();
  }

  #words(count, wish) {
    const shown = `${count.toLocaleString()} ${count === 1 ? "room" : "rooms"}`;
    if (!wish) return `${shown} of ${this.#directory.total.toLocaleString()}. Type to find any other.`;
    if (this.#looking) return "Looking…";
    if (!count && this.#after === null) return ""; // the list says so
    return this.#after === null ? `${shown} like that.` : `${shown} like that so far.`;
  }

  #button(name) {
    return [...this.#list.querySelectorAll("button")].find(({ value }) => value === name);
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
