/**
 * The list of all rooms: to go to one, to find one by a part of its name, or to create one. Enter takes the
 * first of the list; a room is created only by its own row.
 */
import { ranked } from "../chat/ranking.js";
import { IN } from "../chat/room.js";
import { alike, joined, roomNameOf } from "../text/alike.js";
import { keyOf } from "../text/names.js";
import { el } from "./dom.js";
import { isModified } from "./events.js";
import { iconButton } from "./icons.js";
import { newRoomRow, roomRow } from "./lobby-rows.js";
import { nextFrame } from "./next-frame.js";

const PAUSE_MS = 150; // without a key, until the server is asked

/** @typedef {import("../chat/ranking.js").Offered} Offered */

export class Lobby extends HTMLElement {
  /** @type {(name: string) => void} */
  onroom = () => {};
  wanted = ""; // what to look for when it is shown next
  asking = false; // whether it was typed as the name of a room, and there is none
  #chat;
  /** @type {Offered[]} */
  #fetched = []; // rooms beside those of the directory
  /** @type {string | null} */
  #next = null; // where the server goes on with these
  #answered = ""; // the query of the server's last answer
  #looking = false; // whether the server was asked, or will be in a moment
  #asked = 0; // how often it was asked: only the last answer counts
  #entering = ""; // "take": Enter was pressed to go to the first room; "ask": the user is asked what was meant
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

  /** @param {import("../chat/chat.js").Chat} chat */
  constructor(chat) {
    super();
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

  /** Goes on after Enter, as soon as the server has answered: to the first room, or to the rows that may be meant. */
  #goIn() {
    if (!this.#entering) return;
    const [first] = this.#found();
    const exact = first && joined(first.name) === joined(this.#wish.value);
    if (this.#looking && !exact) return;
    const take = exact || this.#entering === "take";
    this.#entering = "";
    if (first && take) this.onroom(first.name);
    else this.#buttons[0]?.focus();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (!step || isModified(event)) return;
    event.preventDefault();
    const places = [this.#wish, ...this.#buttons];
    places[places.findIndex((one) => one === document.activeElement) + step]?.focus();
  }

  get #directory() {
    return this.#chat.rooms.directory;
  }

  get #after() {
    return this.#wish.value.trim() || this.#fetched.length ? this.#next : this.#directory.next;
  }

  /** Shows at once the rooms that are known here, and in a moment those that the server finds, if it has more. */
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
    if (added) this.#button(added.name)?.focus(); // where the user reads on
  }

  /**
   * Fetches a page; false when it is not wanted any more, or there is no answer.
   * @param {string | null} after where the server goes on
   */
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
    const mine = mineOf(this.#chat).map(({ name, members, access }) => ({ name, users: members.size, access }));
    /** @type {Map<string, Offered>} */
    const known = new Map(); // each room once, as the directory has it if it does
    for (const room of [...list, ...this.#fetched, ...mine]) {
      if (!known.has(keyOf(room.name))) known.set(keyOf(room.name), room);
    }
    return ranked([...known.values()], wish, (key) => this.#standing(key), next !== null);
  }

  /** @param {string} key */
  #standing(key) {
    const room = this.#chat.rooms.get(key);
    return room ? { unread: room.unread, mentions: room.mentions, visited: this.#chat.rooms.visits.rank(key) } : null;
  }

  #patch() {
    const rooms = this.#found();
    const wish = this.#wish.value.trim();
    const focused = this.#buttons.find((button) => button === document.activeElement)?.value;
    this.#list.replaceChildren(...rooms.map((room) => this.#row(room)));
    this.#offerToMake(wish, rooms);
    this.#status.textContent = this.#words(rooms.length, wish);
    this.#status.hidden = !this.#status.textContent;
    this.#more.hidden = this.#after === null;
    this.#more.disabled = this.#looking;
    if (focused) this.#button(focused)?.focus();
  }

  /**
   * Adds a row that creates a room, below all rooms that could be meant.
   * @param {string} wish
   * @param {Offered[]} rooms
   */
  #offerToMake(wish, rooms) {
    const name = roomNameOf(wish);
    if (!name || this.#looking || rooms.some((room) => keyOf(room.name) === keyOf(name))) return;
    if (!rooms.length) {
      const near = alike(wish, [...this.#directory.list, ...mineOf(this.#chat)].map((room) => room.name));
      const known = new Map(this.#directory.list.map((room) => [room.name, room]));
      const words = near.length ? "There is no room like that. Did you mean:" : "There is no room like that.";
      this.#list.append(el("li", { class: "none" }, words));
      this.#list.append(...[...new Set(near)].map((one) => this.#row(known.get(one) ?? { name: one, users: 0 })));
    }
    const does = this.#after === null ? "Create # " : "Go to, or create, # ";
    this.#list.append(newRoomRow(name, does, () => this.onroom(name)));
  }

  /**
   * @param {number} count
   * @param {string} wish
   */
  #words(count, wish) {
    if (this.#directory.next === null) return "";
    const shown = `${count.toLocaleString()} ${count === 1 ? "room" : "rooms"}`;
    if (!wish) return `${shown} of ${this.#directory.total.toLocaleString()}. Type to find any other.`;
    if (this.#looking) return "Looking…";
    if (!count && this.#after === null) return ""; // the list says so
    return this.#after === null ? `${shown} like that.` : `${shown} like that so far.`;
  }

  get #buttons() {
    return [...this.#list.querySelectorAll("button")];
  }

  /** @param {string} name */
  #button(name) {
    return this.#buttons.find(({ value }) => value === name);
  }

  /** @param {Offered} info */
  #row(info) {
    const room = this.#chat.rooms.get(keyOf(info.name));
    // Of a room in which the user is, the server tells at once when another access holds.
    const known = room?.stage === IN ? { ...info, access: room.access } : info;
    return roomRow(known, room, (name) => this.onroom(name));
  }
}

/**
 * The user's rooms that are no direct conversations.
 * @param {import("../chat/chat.js").Chat} chat
 */
const mineOf = ({ rooms }) => [...rooms].filter(({ direct }) => !direct);

customElements.define("hub-lobby", Lobby);
