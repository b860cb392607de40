/** One room: its title, its messages, who is typing, and the field for a new message. */
import { listed } from "../text/names.js";
import { safe } from "../text/safe.js";
import { sum, unreadWords } from "../text/unread.js";
import { Ask } from "./ask.js";
import { Banner } from "./banner.js";
import { Composer } from "./composer.js";
import { el } from "./dom.js";
import { acceptDrops } from "./filing.js";
import { icon, iconButton } from "./icons.js";
import { NewsBar } from "./news-bar.js";
import { nextFrame } from "./next-frame.js";
import { isWatched } from "./notifications.js";
import { Sight } from "./sight.js";
import { Timeline } from "./timeline.js";

const TOUCH = matchMedia("(pointer: coarse)");
/** @type {Record<string, string>} what is said of rooms that not everybody may read */
const LOCKS = { members: "Private", locked: "With a password" };
const TOPIC_CHARS = 1000; // in the head: a server may send a book

/** @typedef {import("../chat/room.js").Room} Room */

export class RoomView extends HTMLElement {
  /** @type {Room | null} */
  room = null;
  #chat;
  #name = el("bdi", { dir: "auto" });
  #hash = el("span", { class: "hash" });
  #title = el(
    "h1",
    {},
    el(
      "button",
      { type: "button", class: "plain", "data-do": "room-menu", "aria-haspopup": "menu", "aria-expanded": "false", title: "What can be done with this room" },
      this.#hash,
      this.#name,
      icon("more"),
    ),
  );
  #facts = el("span", { class: "facts" });
  #closed = el("span", { class: "tag", hidden: true }, "closed");
  #waiting = el("button", { type: "button", class: "tag waiting-count", "data-do": "queue", hidden: true });
  #pins = iconButton("pin", "Pinned messages", { "data-do": "pins", hidden: true });
  #problem = el("p", { class: "problem", role: "alert", hidden: true });
  #news = new NewsBar();
  #sight;
  #newest = el("button", { type: "button", class: "newest", hidden: true });
  #badge = el("span", { class: "badge", "aria-hidden": "true", hidden: true });
  #menu = iconButton("menu", "Rooms", { "data-do": "rooms", class: "icon-button narrow-only" });
  #topic = el("p", { class: "topic", dir: "auto" });
  #typing = el("p", { class: "typing" });
  #draw = () => this.#patch();

  /**
   * @param {import("../chat/chat.js").Chat} chat
   * @param {import("./notifications.js").Notifications} notifications
   * @param {import("../keep/settings.js").Settings} settings
   * @param {import("../text/commands.js").Commands} commands
   */
  constructor(chat, notifications, settings, commands) {
    super();
    this.#chat = chat;
    this.#sight = new Sight(chat.reading);
    this.timeline = new Timeline(chat);
    this.composer = new Composer(chat, commands);
    this.#menu.append(this.#badge);
    const header = el(
      "header",
      { class: "room-head" },
      this.#menu,
      this.#title,
      this.#closed,
      this.#waiting,
      this.#topic,
      this.#facts,
      this.#pins,
      iconButton("search", "Search (Ctrl+Shift+F)", { "data-do": "search" }),
      iconButton("members", "Members", { "data-do": "members" }),
    );
    const middle = el("div", { class: "middle" }, this.#news, this.timeline, this.#newest);
    const ask = new Ask(chat, notifications, settings);
    this.append(header, new Banner(chat), ask, this.#problem, middle, this.#typing, this.composer);
    this.#newest.addEventListener("click", () => {
      this.timeline.goToNewest();
      this.focus();
    });
    acceptDrops(this, (files) => this.composer.attach(files));
    this.composer.onescape = () => this.timeline.goToNewest();
    this.timeline.onmoved = (scrolled) => this.#moved(scrolled);
    chat.arriving.seen = (room) => this.#seen(room);
    chat.rooms.roomChanged.on((room) => room === this.room && nextFrame(this.#draw));
    chat.rooms.changed.on(() => nextFrame(this.#draw));
    chat.invitations.changed.on(() => nextFrame(this.#draw));
    addEventListener("focus", () => this.#moved());
    document.addEventListener("visibilitychange", () => this.#moved());
  }

  /**
   * Shows a room, at the event `seq` if there is one.
   * @param {Room} room
   * @param {number | null} seq
   */
  show(room, seq) {
    const other = room !== this.room;
    this.room = room;
    if (other) this.composer.show(room);
    this.timeline.show(room, seq);
    this.#patch();
    if (other && seq === null) this.focus();
  }

  /** Focuses the field; or the messages, where the field would bring a keyboard onto the screen. */
  focus() {
    // Without a ring: nobody has a key pressed, and it would be a frame around all that is read.
    if (TOUCH.matches) this.timeline.focus(/** @type {FocusOptions} */ ({ preventScroll: true, focusVisible: false }));
    else this.composer.focus();
  }

  /** Goes to the first message that is new. */
  goToNews() {
    const { room } = this;
    if (room?.unread) this.timeline.goTo(room.firstUnread);
    else if (room?.divider) this.timeline.goTo(room.divider);
  }

  /** Marks all of the room as read, and goes to its end. */
  markRead() {
    const { room } = this;
    if (!room) return;
    room.divider = null;
    this.#chat.reading.read(room);
    this.timeline.goToNewest();
    this.focus();
  }

  #patch() {
    const { room } = this;
    if (!room) return;
    const title = safe(room.title);
    if (this.#name.textContent !== title) this.#name.replaceChildren(...inParts(title));
    this.composer.named();
    this.#showElsewhere();
    this.#showRules(room);
    const topic = room.direct ? "" : safe(room.state.topic.slice(0, TOPIC_CHARS));
    if (this.#topic.title !== topic) this.#topic.textContent = this.#topic.title = topic;
    const count = room.members.size;
    this.#facts.textContent = room.stage === "in" && !room.direct ? `${count.toLocaleString()} here` : "";
    this.#problem.hidden = !room.problem;
    this.#problem.textContent = room.problem;
    const names = room.typing(performance.now()).map(safe);
    this.#typing.textContent = names.length ? `${listed(names, 2)} ${names.length === 1 ? "is" : "are"} typing…` : "";
    this.#moved();
  }

  /**
   * Shows before the name that it is a room, or that not everybody may read it; and that it is closed.
   * @param {Room} room
   */
  #showRules({ access, direct, standing, state }) {
    const pins = state.pins.length;
    const pinned = pins === 1 ? "1 pinned message" : `${pins.toLocaleString()} pinned messages`;
    this.#pins.hidden = !pins;
    if (pins && this.#pins.title !== pinned) {
      this.#pins.title = pinned;
      this.#pins.setAttribute("aria-label", pinned);
    }
    const sign = direct ? "" : (LOCKS[access] ?? "#");
    if (this.#hash.dataset.sign !== sign) {
      this.#hash.dataset.sign = sign;
      const locked = [icon("lock"), el("span", { class: "unseen" }, `${sign}: `)];
      this.#hash.replaceChildren(...(sign === "#" ? [el("span", { "aria-hidden": "true" }, "# ")] : sign ? locked : []));
    }
    this.#closed.hidden = !standing?.archived;
    const waiting = standing?.waiting ?? 0;
    this.#waiting.hidden = !waiting;
    if (waiting) this.#waiting.textContent = `${waiting.toLocaleString()} waiting`;
    if (waiting) this.#waiting.title = "Reports and requests wait for a moderator";
  }

  /** Shows how much is unread in other rooms, and who invites, on the button that opens the list of rooms on a phone. */
  #showElsewhere() {
    const count = sum([...this.#chat.rooms].filter((one) => one !== this.room));
    const { unread, mentions, rooms } = count;
    const invited = this.#chat.invitations.open.length;
    const all = unread + invited;
    const badge = all > 99 ? "99+" : String(all);
    this.#badge.hidden = !all;
    this.#badge.textContent = mentions ? `@ ${badge}` : badge;
    this.#badge.classList.toggle("named", mentions + invited > 0);
    const where = `${rooms.toLocaleString()} other ${rooms === 1 ? "room" : "rooms"}`;
    const words = [unread && `${unreadWords(count)}, in ${where}`, invited && `${invited} ${invited === 1 ? "invitation" : "invitations"}`];
    this.#menu.setAttribute("aria-description", words.filter(Boolean).join("; "));
  }

  #moved(scrolled = false) {
    const { room } = this;
    if (!room || this.hidden) return;
    this.#sight.look(room, this.timeline.sight, scrolled);
    this.#newest.hidden = room.place === null;
    const unread = room.unread ? `${room.unread.toLocaleString()} new` : "Newest";
    if (this.#newest.dataset.text !== unread) {
      this.#newest.dataset.text = unread;
      this.#newest.replaceChildren(icon("down"), unread);
    }
    const first = this.timeline.firstSeen ?? Infinity; // below all events are the user's lines that wait
    this.#news.show(room, room.unread > 0 && room.firstUnread < first);
  }

  /**
   * Whether the user looks at the end of a room now.
   * @param {Room} room
   */
  #seen(room) {
    return room === this.room && !this.hidden && room.place === null && isWatched();
  }
}

/**
 * A name in two parts, of which the first is shortened where there is no space: many names differ at their ends.
 * @param {string} name
 */
function inParts(name) {
  const [, begin, end] = /^(.{12,})([-_.].{1,12})$/u.exec(name) ?? [null, name, ""];
  return [el("span", {}, begin), el("span", {}, end)];
}

customElements.define("hub-room", RoomView);
