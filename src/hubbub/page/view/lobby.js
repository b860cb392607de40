/**
 * The rooms of the server, to go to one or make one: those with news and those where one was lately, then
 * the first of the others, more, and those one looks for. Enter takes the first; making is asked for.
 */
import { fits } from "../chat/directory.js";
import { alike, joined, roomNameOf } from "../text/alike.js";
import { byName, keyOf } from "../text/names.js";
import { safe } from "../text/safe.js";
import { ago } from "../text/when.js";
import { el, icon, iconButton, nextFrame } from "./dom.js";
import { words } from "./news-bar.js";

const MOST = 1000; // unread messages: the server counts no further
const PAUSE_MS = 150; // without a key, until the server is asked

export class Lobby extends HTMLElement {
  onroom = () => {};
  wanted = ""; // what is looked for when it is shown next
  asking = false; // somebody has asked for a room of that name, which is not there
  #chat;
  #fetched = []; // rooms beside those of the directory
  #next = null; // where these go on
  #answered = ""; // what was looked for when the server answered last
  #looking = false; // the server was asked, or will be in a moment
  #asked = 0;
  #entering = ""; // Enter was pressed to "take" the first room, or a name is to be "ask"ed about
  #timer = 0;
  #wish = el("input", {
    id: "room",
    maxlength: "200",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    dir: "auto",
    placeholder: "Find or name a room",
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
      this.#entering = "take";
      this.#goIn();
    });
    this.#wish.addEventListener("input", () => this.#look());
    this.addEventListener("keydown", (event) => this.#key(event));
    this.#more.addEventListener("click", () => this.#goOn());
    const menu = iconButton("menu", "Your rooms, help and settings", { "data-do": "rooms", class: "icon-button narrow-only" });
    const head = el("header", { class: "lobby-head" }, menu, el("h1", {}, "Rooms"));
    const card = el("div", { class: "card" }, head, form, this.#status, this.#list, this.#more);
    this.append(card);
    chat.rooms.changed.on(() => this.isConnected && !this.hidden && nextFrame(this.#draw));
    chat.rooms.listed.on(() => this.#answered !== this.#wish.value.trim() && !this.#looking && this.#look());
    return this;
  }

  show() {
    this.#wish.value = this.wanted;
    this.#wish.focus();
    this.#look();
    this.#entering = this.asking ? "ask" : "";
    this.wanted = "";
    this.asking = false;
    this.#goIn();
    this.#chat.rooms.refresh();
  }

  /** Goes where Enter leads, as soon as it is known: to the first room, or to the question what was meant. */
  #goIn() {
    if (!this.#entering) return;
    const [first] = this.#found();
    const exact = first && joined(first.name) === joined(this.#wish.value);
    if (this.#looking && !exact) return;
    const take = exact || this.#entering === "take";
    this.#entering = "";
    if (first && take) this.onroom(first.name);
    else this.#list.querySelector("button")?.focus();
  }

  #key(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    event.preventDefault();
    const places = [this.#wish, ...this.#list.querySelectorAll("button")];
    places[places.indexOf(document.activeElement) + step]?.focus();
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
    this.#entering = "";
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
    this.#goIn();
    return answer !== null;
  }

  #found() {
    const { list, next } = this.#directory;
    const wish = this.#wish.value;
    const mine = Array.from(this.#chat.rooms, ({ name, members }) => ({ name, users: members.size }));
    const known = new Map([...mine, ...this.#fetched, ...list].map((room) => [keyOf(room.name), room]));
    const names = new Set([...list, ...this.#fetched, ...mine].map(({ name }) => keyOf(name)));
    const found = [...names].filter((key) => fits(key, wish) || joined(key).includes(joined(wish))).map((key) => known.get(key));
    const ranks = new Map(found.map((room) => [room, this.#rank(room.name, wish)]));
    // What comes in pages stays in the server's order, so that each page is below the one before.
    const order = (one, other) => (next === null ? other.users - one.users || byName(one.name, other.name) : 0);
    return found.sort((one, other) => compare(ranks.get(one), ranks.get(other)) || order(one, other));
  }

  /** Numbers to put rooms in order: what is meant exactly, what has news, where one was lately. */
  #rank(name, wish) {
    const room = this.#chat.rooms.get(keyOf(name));
    const exact = keyOf(name) === keyOf(wish) ? 0 : joined(name) === joined(wish) ? 1 : 2;
    const news = room?.mentions ? 0 : room?.unread ? 1 : 2;
    return [exact, room ? news : 3, room ? this.#chat.rooms.visits.rank(name) : 0];
  }

  #patch() {
    const rooms = this.#found();
    const wish = this.#wish.value.trim();
    const focused = this.#list.contains(document.activeElement) && document.activeElement.value;
    this.#list.replaceChildren(...rooms.map((room) => this.#row(room)));
    this.#offerToMake(wish, rooms);
    this.#status.textContent = this.#words(rooms.length, wish);
    this.#status.hidden = !this.#status.textContent;
    this.#more.hidden = this.#after === null;
    this.#more.disabled = this.#looking;
    if (focused) this.#button(focused)?.focus();
  }

  /** A new room is a row of its own, behind all that could have been meant. */
  #offerToMake(wish, rooms) {
    const name = roomNameOf(wish);
    if (!name || this.#looking || rooms.some((room) => keyOf(room.name) === keyOf(name))) return;
    if (!rooms.length) {
      const near = alike(wish, [...this.#directory.list, ...this.#chat.rooms].map((room) => room.name));
      const known = new Map(this.#directory.list.map((room) => [room.name, room]));
      const words = near.length ? "There is no room like that. Did you mean:" : "There is no room like that.";
      this.#list.append(el("li", { class: "none" }, words));
      this.#list.append(...[...new Set(near)].map((one) => this.#row(known.get(one) ?? { name: one, users: 0 })));
    }
    const does = this.#after === null ? "Create # " : "Go to, or create, # ";
    const make = el("button", { type: "button", class: "make", value: name }, icon("plus"), el("span", {}, does, el("bdi", {}, safe(name))));
    make.addEventListener("click", () => this.onroom(name));
    this.#list.append(el("li", {}, make));
  }

  #words(count, wish) {
    if (this.#directory.next === null) return "";
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
    const room = this.#chat.rooms.get(keyOf(name));
    const news = room?.unread > 0 && `${room.mentions ? "@ " : ""}${Math.min(room.unread, MOST)}`;
    const people = `${users.toLocaleString()} ${users === 1 ? "user" : "users"}`;
    const button = el(
      "button",
      { type: "button", value: name },
      icon("rooms"),
      el("span", { class: "room-name" }, el("bdi", {}, safe(name)), topic && el("small", { dir: "auto" }, safe(topic))),
      news && el("span", { class: room.mentions ? "badge named" : "badge", title: words(room.unread, room.mentions) }, news),
      el("span", { class: "room-facts" }, people, at && el("small", {}, ago(at))),
    );
    button.addEventListener("click", () => this.onroom(name));
    return el("li", {}, button);
  }
}

function compare(one, other) {
  const place = one.findIndex((number, at) => number !== other[at]);
  return place < 0 ? 0 : one[place] < other[place] ? -1 : 1;
}

customElements.define("hub-lobby", Lobby);
