/** One room: its title, messages, who is typing, and where one writes. */
import { listed } from "../text/names.js";
import { safe } from "../text/safe.js";
import { Attention } from "./attention.js";
import { el, icon, iconButton, nextFrame } from "./dom.js";
import { words } from "./news-bar.js";
import { sum } from "./room-list.js";
import "./ask.js";
import "./banner.js";
import "./composer.js";
import "./timeline.js";

const TOUCH = matchMedia("(pointer: coarse)");
const SKIPPED = 30; // events that one scrolls over at once, and has seen

export class RoomView extends HTMLElement {
  room = null;
  #chat;
  #name = el("bdi", { dir: "auto" });
  #title = el(
    "h1",
    {},
    el(
      "button",
      { type: "button", class: "plain", "data-do": "room-menu", "aria-haspopup": "menu", "aria-expanded": "false", title: "What can be done with this room" },
      el("span", { class: "hash", "aria-hidden": "true" }, "# "),
      this.#name,
      icon("more"),
    ),
  );
  #facts = el("span", { class: "facts" });
  #problem = el("p", { class: "problem", role: "alert", hidden: true });
  #news = document.createElement("hub-news-bar");
  #sight = null; // {room, first, last}: what was in sight when one looked last
  #watched = null; // {room, seq}: up to where it was seen as it came
  #newest = el("button", { type: "button", class: "newest", hidden: true });
  #badge = el("span", { class: "badge", "aria-hidden": "true", hidden: true });
  #menu = iconButton("menu", "Rooms", { "data-do": "rooms", class: "icon-button narrow-only" });
  #typing = el("p", { class: "typing" });
  #draw = () => this.#patch();

  attach(chat, attention, settings, commands) {
    this.#chat = chat;
    this.timeline = document.createElement("hub-timeline").attach(chat);
    this.composer = document.createElement("hub-composer").attach(chat, commands);
    this.#menu.append(this.#badge);
    const header = el(
      "header",
      { class: "room-head" },
      this.#menu,
      this.#title,
      this.#facts,
      iconButton("search", "Search (Ctrl+Shift+F)", { "data-do": "search" }),
      iconButton("members", "Members", { "data-do": "members" }),
    );
    const banner = document.createElement("hub-banner").attach(chat);
    const middle = el("div", { class: "middle" }, this.#news, this.timeline, this.#newest);
    const ask = document.createElement("hub-ask").attach(chat, attention, settings);
    this.append(header, banner, ask, this.#problem, middle, this.#typing, this.composer);
    this.#newest.addEventListener("click", () => {
      this.timeline.goToNewest();
      this.focus();
    });
    this.composer.onescape = () => this.timeline.goToNewest();
    this.timeline.onmoved = (scrolled) => this.#moved(scrolled);
    chat.arriving.seen = (room) => this.#seen(room);
    chat.rooms.roomChanged.on((room) => room === this.room && nextFrame(this.#draw));
    chat.rooms.changed.on(() => nextFrame(this.#draw));
    addEventListener("focus", () => this.#moved());
    document.addEventListener("visibilitychange", () => this.#moved());
    return this;
  }

  /** Shows a room, at an event if `seq` is one. */
  show(room, seq) {
    const other = room !== this.room;
    this.room = room;
    if (other) this.composer.show(room);
    this.timeline.show(room, seq);
    this.#patch();
    if (other && seq === null) this.focus();
  }

  /** To where one goes on: the field, or the messages where the field would bring a keyboard onto the screen. */
  focus() {
    if (TOUCH.matches) this.timeline.focus({ preventScroll: true });
    else this.composer.focus();
  }

  /** To the first message that is new. */
  goToNews() {
    const { room } = this;
    if (room?.unread) this.timeline.goTo(room.read + 1);
    else if (room?.divider) this.timeline.goTo(room.divider);
  }

  /** All of the room is read, and one is at its end. */
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
    if (this.#name.textContent !== safe(room.name)) this.#name.replaceChildren(...inParts(safe(room.name)));
    this.#showElsewhere();
    const count = room.members.size;
    this.#facts.textContent = room.stage === "in" ? `${count.toLocaleString()} here` : "";
    this.#problem.hidden = !room.problem;
    this.#problem.textContent = room.problem;
    const names = room.typing(performance.now()).map(safe);
    this.#typing.textContent = names.length ? `${listed(names, 2)} ${names.length === 1 ? "is" : "are"} typing…` : "";
    this.#moved();
  }

  /** What is unread in other rooms, on the button behind which a phone has them. */
  #showElsewhere() {
    const { unread, mentions, rooms } = sum([...this.#chat.rooms].filter((one) => one !== this.room));
    const badge = unread > 99 ? "99+" : String(unread);
    this.#badge.hidden = !unread;
    this.#badge.textContent = mentions ? `@ ${badge}` : badge;
    this.#badge.classList.toggle("named", mentions > 0);
    const where = `${rooms.toLocaleString()} other ${rooms === 1 ? "room" : "rooms"}`;
    this.#menu.setAttribute("aria-description", unread ? `${words(unread, mentions)}, in ${where}` : "");
  }

  #moved(scrolled = false) {
    const { room } = this;
    if (!room || this.hidden) return;
    const atEnd = room.place === null;
    this.#look(scrolled);
    this.#newest.hidden = atEnd;
    const unread = room.unread ? `${room.unread.toLocaleString()} new` : "Newest";
    if (this.#newest.dataset.text !== unread) {
      this.#newest.dataset.text = unread;
      this.#newest.replaceChildren(icon("down"), unread);
    }
    this.#showNews();
  }

  #seen(room) {
    return room === this.room && !this.hidden && room.place === null && Attention.here;
  }

  /**
   * What of the room came into sight is read, up to the first text that did not. What comes while one
   * looks at the end is seen, however fast it goes by; what was missed before that is not.
   */
  #look(scrolled) {
    const { room } = this;
    const atEnd = room.place === null;
    if (!room.caughtUp || !Attention.here) {
      this.#watched = this.#sight = null;
      return;
    }
    const sight = this.timeline.sight ?? (atEnd && { first: room.cursor, last: room.cursor });
    if (!sight) return;
    const watching = atEnd && this.#watched?.room === room && this.#watched.seq >= room.live;
    const first = watching ? Math.min(sight.first, this.#watched.seq + 1) : sight.first;
    const last = atEnd ? room.cursor : Math.min(sight.last, room.window.last);
    const seen = [{ first, last }];
    // A quick hand scrolls over a few rows between two looks.
    const skipped = [{ first: this.#sight?.last, last: first }, { first: last, last: this.#sight?.first }];
    const quick = skipped.find((range) => range.first < range.last && range.last - range.first < SKIPPED);
    if (scrolled && this.#sight?.room === room && quick) seen.push(quick);
    if (room.cleared) seen.push({ first: 1, last: room.cleared });
    this.#sight = { room, first, last };
    this.#watched = atEnd ? { room, seq: room.cursor } : null;
    this.#chat.reading.saw(room, seen);
  }

  #showNews() {
    const { room } = this;
    const first = this.timeline.firstSeen ?? Infinity; // below all events are one's own lines that wait
    this.#news.show(room, room.unread > 0 && room.read + 1 < first);
  }
}

/** A name whose middle is left out where there is no space for it: many names differ at their ends. */
function inParts(name) {
  const [, begin, end] = /^(.{12,})([-_.].{1,12})$/u.exec(name) ?? [null, name, ""];
  return [el("span", {}, begin), el("span", {}, end)];
}

customElements.define("hub-room", RoomView);
