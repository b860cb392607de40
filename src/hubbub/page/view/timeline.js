/**
 * The room's messages: as many nodes as the window has events, which is bounded. Older and newer
 * ones are fetched while one scrolls, and what one reads stays where it is.
 */
import { safe } from "../text/safe.js";
import { iconButton, el, nextFrame } from "./dom.js";
import { layout } from "./layout.js";
import { Places } from "./places.js";
import { copyOf } from "./copying.js";
import { foldKey, rowNode, setFold } from "./rows.js";

const NEAR_END = 48; // pixels from the end that still count as "at the end"
const AHEAD = 1200; // pixels of older rows that are fetched before they are seen
// Newer rows push the oldest ones out: they are fetched by who nears the end, not by who reads above it.
const NEXT = 0.5; // of the height in sight

export class Timeline extends HTMLElement {
  room = null;
  onmoved = () => {}; // one reads at another place; true when one has scrolled there
  #chat;
  #nodes = new Map(); // by key
  #target = null;
  #wanted = null; // an event that is to be brought into sight as soon as it can be
  #going = false;
  #size = ""; // for which it was brought to its end last
  #rows = el("div", { class: "rows" });
  #places = new Places(this, this.#rows);
  #unfolded = new Set(); // long texts that are shown in full
  // Within reach wherever in a long message one is: they go along with what is in sight.
  #tools = el(
    "div",
    { class: "tools" },
    el(
      "div",
      { class: "tool-set", role: "group", "aria-label": "Message" },
      iconButton("reply", "Reply (r)", { "data-do": "reply" }),
      iconButton("link", "Copy a link to this message (l)", { "data-do": "link" }),
    ),
  );

  #draw = () => this.#patch();

  attach(chat) {
    this.#chat = chat;
    this.tabIndex = 0;
    this.setAttribute("role", "log");
    this.setAttribute("aria-live", "off"); // what is new is told by the announcer, in moderation
    this.append(this.#rows);
    this.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    for (const moves of ["wheel", "touchmove"]) {
      // Who reads on meanwhile is not taken away from there.
      this.addEventListener(moves, () => this.#entered || (this.#wanted = null), { passive: true });
    }
    this.addEventListener("keydown", (event) => this.#key(event));
    this.addEventListener("click", ({ target }) => this.#fold(target.closest(".fold")));
    this.addEventListener("copy", (event) => this.#copied(event));
    this.addEventListener("focusin", ({ target }) => this.#offerTools(target));
    this.addEventListener("pointerover", ({ target }) => this.#offerTools(target));
    new ResizeObserver(() => this.#resized()).observe(this);
    chat.rooms.roomChanged.on((room) => room === this.room && nextFrame(this.#draw));
    return this;
  }

  /** Shows another room, or an event of it. */
  show(room, seq = null) {
    const other = room !== this.room;
    this.room = room;
    if (other) {
      this.setAttribute("aria-label", `Messages in ${room.name}`);
      this.#nodes.clear();
      this.#rows.replaceChildren();
      this.#target = this.#wanted = null;
      this.#unfolded.clear();
    }
    if (other || seq === null) this.#patch(other ? room.place : null);
    if (seq !== null) this.goTo(seq);
  }

  /**
   * Brings an event into sight, wherever in the log it is. If the room is not entered yet this is done
   * (again) when it is: what is known of the room by then may be dropped at that moment.
   */
  async goTo(seq, again = false) {
    const room = this.room;
    if (seq <= room.cleared) room.cleared = 0;
    this.#target = this.#wanted = seq;
    const offset = this.clientHeight / 3;
    room.place = { seq, offset };
    const entered = this.#entered;
    this.#going = true;
    const loaded = (entered || has(room, seq)) && (await this.#chat.history.around(room, seq));
    this.#going = false;
    if (this.room !== room || this.#wanted !== seq) return; // one has gone elsewhere
    if (entered && this.#entered) this.#wanted = null;
    else if (this.#chat.state === "waiting" && !loaded) {
      this.#chat.notice.emit("There is no connection. The message is shown when there is one.");
    }
    if (!loaded) return;
    if (!has(room, seq)) {
      this.#chat.notice.emit(`There is no message ${seq.toLocaleString()} in ${safe(room.name)}.`);
      this.goToNewest();
      return;
    }
    room.place = { seq, offset };
    this.#patch(room.place);
    this.#rows.querySelector(".target")?.classList.remove("target");
    const node = this.#places.nodeOf(seq);
    node?.classList.add("target");
    // Who has begun to write meanwhile goes on.
    if (!again || !document.activeElement?.matches("textarea, input")) node?.focus({ preventScroll: true });
    this.onmoved();
  }

  get #entered() {
    return this.#chat.online && this.room?.stage === "in";
  }

  /** The newest messages. */
  goToNewest() {
    this.#target = this.#wanted = null;
    this.room.place = null;
    this.room.window.showNewest();
    this.#patch();
    this.onmoved();
  }

  /** The very first messages. */
  async goToFirst() {
    const room = this.room;
    room.cleared = 0;
    this.#wanted = null;
    if (!(await this.#chat.history.first(room)) || this.room !== room) return;
    room.place = { seq: 1, offset: 0 };
    this.#patch();
    this.scrollTop = 0;
  }

  /** The number of the first event in sight, or null. */
  get firstSeen() {
    return this.#places.anchor()?.seq ?? null;
  }

  /** The events in sight, {first, last}, or null. */
  get sight() {
    return this.#places.sight();
  }

  /** The event of the row that has the focus or the pointer, or null. */
  eventOf(node) {
    const row = node?.closest?.("[data-seq].said");
    return row ? (this.room.window.find(Number(row.dataset.seq)) ?? null) : null;
  }

  /** Draws what has changed; what one reads stays where it is, or the event of `place` comes there. */
  #patch(place = null) {
    const room = this.room;
    if (!room) return;
    const follows = room.place === null;
    const anchor = follows ? null : (place ?? this.#places.anchor());
    const focused = this.contains(document.activeElement) && document.activeElement;
    this.#reconcile();
    if (follows) this.#places.toEnd();
    else if (anchor) this.#places.put(anchor);
    if (focused && !focused.isConnected) this.#refocus(focused);
    if (this.#wanted === null) this.#fetch();
    else if (!this.#going && this.#entered) this.goTo(this.#wanted, true);
    this.onmoved();
  }

  #reconcile() {
    const { room } = this;
    const me = this.#chat.user;
    const isMine = (event) => this.#chat.isMine(event);
    const mentioned = (event) => this.#chat.concerns(event);
    const scene = { me, room, isMine, mentioned, unfolded: this.#unfolded };
    const rows = layout({
      events: room.window.view,
      waiting: this.#chat.queue.of(room.key),
      divider: room.divider,
      cleared: room.cleared,
      newest: room.window.attached,
      me,
      ignores: (name) => this.#chat.ignores(name),
    });
    const nodes = new Map();
    let next = this.#rows.firstChild;
    for (const row of rows) {
      let node = this.#nodes.get(row.key);
      if (node) {
        // What is gone is passed over here, and not moved about.
        while (next && next !== node && !this.#kept(next, rows)) next = this.#removed(next);
      } else {
        node = rowNode(row, scene);
        if (row.seq && row.seq === this.#target) node.classList.add("target");
        // Who has unfolded a row of joins and leaves sees it grow.
        const open = row.kind === "presence" && this.#rows.querySelector(`.presence[data-seq="${row.seq}"] details[open]`);
        if (open) node.querySelector("details")?.setAttribute("open", "");
      }
      nodes.set(row.key, node);
      if (node === next) next = next.nextSibling;
      else this.#rows.insertBefore(node, next);
    }
    while (next) next = this.#removed(next);
    this.#nodes = nodes;
    this.#keys = null;
  }

  #keys = null;

  #kept(node, rows) {
    this.#keys ??= new Set(rows.map(({ key }) => this.#nodes.get(key)));
    return this.#keys.has(node);
  }

  #removed(node) {
    const next = node.nextSibling;
    node.remove();
    return next;
  }

  #refocus(gone) {
    const seq = Number(gone.closest("[data-seq]")?.dataset.seq);
    const node = seq ? this.#places.nodeOf(seq) : null;
    (node ?? this).focus({ preventScroll: true });
  }

  // Places

  #scrolled() {
    const room = this.room;
    if (!room) return;
    // The field below may just have grown, or a part beside it have opened: that is no reader's
    // scrolling, and `#resized` mends it.
    if (this.#size !== this.#sizeNow()) return;
    const atEnd = this.#places.rest <= NEAR_END && room.window.attached;
    room.place = atEnd ? null : this.#places.anchor();
    this.#fetch();
    this.onmoved(true);
  }

  #sizeNow() {
    return `${this.clientWidth} ${this.clientHeight}`;
  }

  #resized() {
    this.#size = this.#sizeNow();
    if (!this.room) return;
    if (this.room.place === null) this.#places.toEnd();
    else this.#places.put(this.room.place); // lines break elsewhere now: what one reads stays
  }

  #fetch() {
    const room = this.room;
    if (!this.#chat.online || room.fetching || room.stage !== "in") return;
    const { first, attached } = room.window;
    if (this.scrollTop < AHEAD && first > 1 && first > room.cleared + 1) this.#chat.history.older(room);
    else if (this.#places.rest < this.clientHeight * NEXT && !attached) this.#chat.history.newer(room);
  }

  // Long texts, and what is copied of them

  #fold(button) {
    if (!button) return;
    const row = button.closest(".said");
    const key = foldKey(row.dataset.key);
    const open = !this.#unfolded.delete(key);
    if (open) this.#unfolded.add(key);
    setFold(row.querySelector(".text"), button, open);
    if (!open) row.scrollIntoView({ block: "nearest" });
    this.#scrolled();
  }

  #copied(event) {
    const text = copyOf(document.getSelection(), this.#rows, (seq) => this.room.window.find(seq));
    if (text === null) return; // what is within one message the browser copies well
    event.preventDefault();
    event.clipboardData.setData("text/plain", text);
  }

  // Keys and tools

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = event.target.closest("[data-seq][tabindex]");
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step) {
      event.preventDefault();
      this.#step(row, step);
    } else if (event.key === "Home") {
      event.preventDefault();
      this.goToFirst();
    } else if (event.key === "End") {
      event.preventDefault();
      this.goToNewest();
    }
  }

  #step(row, step) {
    const rows = [...this.#rows.querySelectorAll("[data-seq][tabindex]")];
    const place = row ? rows.indexOf(row) + step : step < 0 ? rows.length - 1 : 0;
    const next = rows[place];
    if (!next) return;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }

  #offerTools(target) {
    const row = target.closest?.(".said[data-seq]");
    if (row && this.#tools.parentNode !== row) row.append(this.#tools);
  }
}

function has(room, seq) {
  return room.window.view.some((event) => event.seq === seq);
}

customElements.define("hub-timeline", Timeline);
