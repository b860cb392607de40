/** One room: its title, messages, who is typing, and where one writes. */
import { listed } from "../text/names.js";
import { safe } from "../text/safe.js";
import { Attention } from "./attention.js";
import { el, icon, iconButton, nextFrame } from "./dom.js";
import "./banner.js";
import "./composer.js";
import "./timeline.js";

export class RoomView extends HTMLElement {
  room = null;
  #chat;
  #title = el("h1");
  #facts = el("span", { class: "facts" });
  #problem = el("p", { class: "problem", role: "alert", hidden: true });
  #since = el("div", { class: "since", hidden: true });
  #newest = el("button", { type: "button", class: "newest", hidden: true });
  #menu = iconButton("menu", "Rooms", { "data-do": "rooms", class: "icon-button narrow-only" });
  #typing = el("p", { class: "typing" });
  #draw = () => this.#patch();

  attach(chat) {
    this.#chat = chat;
    this.timeline = document.createElement("hub-timeline").attach(chat);
    this.composer = document.createElement("hub-composer").attach(chat);
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
    const middle = el("div", { class: "middle" }, this.#since, this.timeline, this.#newest);
    this.append(header, banner, this.#problem, middle, this.#typing, this.composer);
    this.#newest.addEventListener("click", () => {
      this.timeline.goToNewest();
      this.composer.focus();
    });
    this.composer.onescape = () => this.timeline.goToNewest();
    this.timeline.onmoved = () => this.#moved();
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
    if (other && seq === null) this.composer.focus();
  }

  /** To the first message that is new. */
  goToNews() {
    if (this.room?.divider) this.timeline.goTo(this.room.divider);
  }

  #patch() {
    const { room } = this;
    if (!room) return;
    this.#title.replaceChildren(el("span", { class: "hash", "aria-hidden": "true" }, "# "), el("bdi", {}, safe(room.name)));
    const elsewhere = [...this.#chat.rooms].some((one) => one !== room && one.unread);
    this.#menu.classList.toggle("news", elsewhere);
    this.#menu.setAttribute("aria-description", elsewhere ? "There are unread messages." : "");
    const count = room.members.size;
    this.#facts.textContent = room.stage === "in" ? `${count.toLocaleString()} here` : "";
    this.#problem.hidden = !room.problem;
    this.#problem.textContent = room.problem;
    const names = room.typing(performance.now()).map(safe);
    this.#typing.textContent = names.length ? `${listed(names, 2)} ${names.length === 1 ? "is" : "are"} typing…` : "";
    this.#moved();
  }

  #moved() {
    const { room } = this;
    if (!room || this.hidden) return;
    const atEnd = room.place === null;
    if (room.stage === "in" && this.#seen(room)) this.#chat.reading.read(room);
    this.#newest.hidden = atEnd;
    const unread = room.unread ? `${room.unread.toLocaleString()} new` : "Newest";
    if (this.#newest.dataset.text !== unread) {
      this.#newest.dataset.text = unread;
      this.#newest.replaceChildren(icon("down"), unread);
    }
    this.#showSince();
  }

  #seen(room) {
    return room === this.room && !this.hidden && room.place === null && Attention.here;
  }

  /** Offers to go to the first new message while it is above what is seen. */
  #showSince() {
    const { room } = this;
    const first = this.timeline.firstSeen;
    const above = room.divider !== null && first !== null && room.divider < first;
    if (this.#since.hidden !== !above) {
      this.#since.hidden = !above;
      if (above && !this.#since.firstChild) {
        const go = el("button", { type: "button" }, icon("up"), "To the first new message");
        go.addEventListener("click", () => this.goToNews());
        const close = iconButton("close", "Not needed");
        close.addEventListener("click", () => {
          this.room.divider = null;
          this.#chat.rooms.roomChanged.emit(this.room);
          this.composer.focus();
        });
        this.#since.append(go, close);
      }
    }
  }
}

customElements.define("hub-room", RoomView);
