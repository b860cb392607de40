/** The members of the room. */
import { byName, hueOf, initialOf, keyOf } from "../text/names.js";
import { safe } from "../text/safe.js";
import { el } from "./dom.js";
import { isModified } from "./events.js";
import { iconButton } from "./icons.js";
import { nextFrame } from "./next-frame.js";

const MAX_SHOWN = 500; // names; more are only counted

/** @typedef {import("../chat/room.js").Room} Room */

export class Members extends HTMLElement {
  #chat;
  /** @type {Room | null} */
  #room = null;
  #shown = "";
  #title = el("h2");
  #list = el("ul", { role: "list" });
  #draw = () => this.#patch();

  /** @param {import("../chat/chat.js").Chat} chat */
  constructor(chat) {
    super();
    this.#chat = chat;
    const close = iconButton("close", "Hide the members", { "data-do": "members" });
    this.setAttribute("role", "complementary");
    this.setAttribute("aria-label", "Members of the room");
    this.append(el("div", { class: "head" }, this.#title, close), this.#list);
    this.#list.tabIndex = 0;
    this.#list.setAttribute("aria-label", "Members");
    this.#list.addEventListener("keydown", (event) => this.#key(event));
    chat.rooms.listed.on(() => this.hidden || this.#look());
    chat.rooms.entered.on((room) => room === this.#room && !this.hidden && this.#look());
    chat.rooms.emptied.on((room) => {
      if (room !== this.#room) return;
      this.#room = null;
      this.#shown = "";
      this.#list.replaceChildren();
    });
    chat.rooms.roomChanged.on((room) => room === this.#room && !this.hidden && nextFrame(this.#draw));
  }

  /** @param {Room | null} room */
  show(room) {
    this.#room = room;
    if (this.hidden) return;
    this.#patch();
    this.#look();
  }

  /** Asks who is away or busy: once, as it is told when that changes; again where people stay members while they are away. */
  #look() {
    const room = this.#room;
    if (room && (room.keepsMembers || !room.looked)) this.#chat.moderating.lookWho(room);
  }

  /**
   * The arrow keys go from one member to the next: for the Tab key the list is one stop, however long it is.
   * @param {KeyboardEvent} event
   */
  #key(event) {
    const rows = this.#buttons;
    const at = rows.findIndex((row) => row === document.activeElement);
    /** @type {Record<string, number>} */
    const places = { ArrowDown: at + 1, ArrowUp: Math.max(at - 1, 0), Home: 0, End: -1 };
    const to = places[event.key];
    if (to === undefined || isModified(event)) return;
    event.preventDefault();
    rows.at(Math.min(to, rows.length - 1))?.focus();
  }

  get #buttons() {
    return [...this.#list.querySelectorAll("button")];
  }

  #patch() {
    if (!this.#room) return;
    const names = Array.from(this.#room.members.values(), ({ name }) => name).sort(byName);
    const ignored = names.filter((name) => this.#chat.ignores(name));
    const room = this.#room;
    const roles = this.#chat.moderating.rolesIn(room);
    const roleOf = (/** @type {string} */ name) => roles.get(keyOf(name)) ?? "";
    const me = keyOf(this.#chat.user);
    const marks = names.map((name) => `${roleOf(name)} ${stateOf(room, name, me)}`);
    const now = [this.#chat.user, ...names, ...marks, ...ignored].join("\n");
    if (now === this.#shown) return;
    this.#shown = now;
    this.#title.textContent = `${names.length.toLocaleString()} ${names.length === 1 ? "member" : "members"}`;
    const isAway = (/** @type {string} */ name) => stateOf(room, name, me).startsWith("away");
    const inOrder = [...names.filter((name) => !isAway(name)), ...names.filter(isAway)];
    const rows = inOrder.slice(0, MAX_SHOWN).map((name) =>
      el(
        "li",
        { class: isAway(name) && "away" },
        el(
          "button",
          { type: "button", class: "row", value: name, tabindex: "-1", "data-do": "member-menu", "aria-haspopup": "menu" },
          el("span", { class: "face small", "data-hue": hueOf(name), "aria-hidden": "true" }, initialOf(name)),
          el("bdi", {}, safe(name)),
          mark(roleOf(name)),
          keyOf(name) === me && el("small", {}, " you"),
          state(stateOf(room, name, me)),
          this.#chat.ignores(name) && el("small", {}, " hidden"),
        ),
      ),
    );
    const rest = names.length - rows.length;
    if (rest > 0) rows.push(el("li", {}, `and ${rest.toLocaleString()} more`));
    const focused = this.#buttons.find((button) => button === document.activeElement)?.value;
    this.#list.replaceChildren(...rows);
    if (focused) (this.#buttons.find(({ value }) => value === focused) ?? this.#list).focus();
  }
}

/**
 * How somebody is seen: "" for who is simply here, else "away" or "busy", and why if they say so.
 * @param {Room} room
 * @param {string} name
 * @param {string} me the key of the user's name
 */
function stateOf({ away, states }, name, me) {
  const { status = "here", note = "" } = states.get(keyOf(name)) ?? {};
  if (status === "here") return away.has(keyOf(name)) && keyOf(name) !== me ? "away" : "";
  return note ? `${status}: ${note}` : status;
}

/** @param {string} words */
const state = (words) => words && el("small", { class: `presence-state ${words.slice(0, 4)}`, dir: "auto" }, el("span", { class: "unseen" }, ", "), safe(words));

/** @param {string} words the role of somebody; "" for none */
const mark = (words) => words && el("small", { class: "tag" }, words);

customElements.define("hub-members", Members);
