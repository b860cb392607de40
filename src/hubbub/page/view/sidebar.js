/** The sidebar: the user's rooms, what is unread in them and how to go there, all rooms, and the user's name. */
import { byName } from "../text/names.js";
import { safe } from "../text/safe.js";
import { sum, unreadWords } from "../text/unread.js";
import { el } from "./dom.js";
import { icon, iconButton } from "./icons.js";
import { nextFrame } from "./next-frame.js";
import { InvitationBar } from "./invitation-bar.js";
import { RoomList } from "./room-list.js";

export class Sidebar extends HTMLElement {
  #chat;
  #list = new RoomList();
  #server = el("bdi", { class: "server" });
  #me = el("bdi", { class: "by" });
  #link = el("span", { class: "link-state" });
  #state = el("small", { dir: "auto" });
  #who = el("button", { type: "button", class: "who", "data-do": "self", title: "You: status and profile" }, this.#me, this.#state, this.#link);
  #all = el("button", { type: "button", class: "row all-rooms", "data-do": "lobby" }, icon("plus"), "All rooms");
  #administer = el("a", { class: "row all-rooms", href: "#?server", hidden: true }, icon("role"), "This server");
  #total = el("span", { class: "total" });
  #mention = iconButton("mention", "To the next mention of you (Alt+M)", { "data-do": "mention" });
  #news = el(
    "div",
    { class: "news-elsewhere", role: "group", "aria-label": "New in your rooms", hidden: true },
    this.#total,
    iconButton("down", "To the next room with news (Alt+Shift+↓)", { "data-do": "next-unread" }),
    this.#mention,
    iconButton("done", "Mark all rooms as read", { "data-do": "mark-all" }),
  );
  #draw = () => this.#patch();

  /** @param {import("../chat/chat.js").Chat} chat */
  constructor(chat) {
    super();
    this.#chat = chat;
    const foot = el(
      "div",
      { class: "foot" },
      this.#who,
      el("button", { type: "button", class: "icon-button", "data-do": "help", "aria-label": "Help (?)", title: "Help (?)" }, icon("help")),
      el("button", { type: "button", class: "icon-button", "data-do": "settings", "aria-label": "Settings", title: "Settings" }, icon("settings")),
    );
    const brand = el(
      "div",
      { class: "brand" },
      el("img", { src: "static/icon.svg", alt: "", width: "26", height: "26" }),
      this.#server,
    );
    this.setAttribute("role", "navigation");
    this.setAttribute("aria-label", "Rooms, help and settings");
    this.append(brand, this.#news, this.#list, new InvitationBar(chat), this.#all, this.#administer, foot);
    chat.rooms.changed.on(() => nextFrame(this.#draw));
    chat.login.changed.on(() => nextFrame(this.#draw));
    chat.profile.changed.on(() => nextFrame(this.#draw));
  }

  /** The rooms in the order in which they are shown: direct conversations behind the others. */
  rooms() {
    return [...this.#chat.rooms].sort((one, other) => Number(one.direct) - Number(other.direct) || byName(one.title, other.title));
  }

  /** Focuses the row of the current room; without rooms, the button for all rooms. */
  focus() {
    if (this.rooms().length) this.#list.focus();
    else this.#all.focus();
  }

  /**
   * Shows the way to the administrator's page, to who has one.
   * @param {boolean} administers
   * @param {boolean} there whether it is shown
   */
  showServer(administers, there) {
    this.#administer.hidden = !administers;
    mark(this.#administer, there);
    nextFrame(this.#draw);
  }

  #patch() {
    const { state, user } = this.#chat.login;
    const { current } = this.#chat.rooms;
    this.#server.textContent = safe(this.#chat.server);
    this.#me.textContent = safe(user);
    const { status, note, there } = this.#chat.profile;
    this.#state.className = status === "here" ? "" : `presence-state ${status}`;
    this.#state.textContent = status === "here" ? "" : safe(note ? `${status}: ${note}` : status);
    this.#who.setAttribute("aria-haspopup", there ? "menu" : "dialog");
    mark(this.#all, !current && !this.#administer.hasAttribute("aria-current"));
    this.#link.textContent = state === "online" ? "" : "not connected";
    const rooms = this.rooms();
    const count = sum(rooms);
    const { unread, mentions } = count;
    this.#news.hidden = !unread;
    this.#mention.hidden = !mentions;
    this.#news.classList.toggle("named", mentions > 0);
    if (unread) this.#total.textContent = unreadWords(count);
    this.#list.show(rooms, current, this.#chat.can("direct") || rooms.some(({ direct }) => direct));
  }
}

/**
 * Marks what leads to the place that is shown.
 * @param {HTMLElement} way
 * @param {boolean} here
 */
function mark(way, here) {
  if (here) way.setAttribute("aria-current", "page");
  else way.removeAttribute("aria-current");
}

customElements.define("hub-sidebar", Sidebar);
