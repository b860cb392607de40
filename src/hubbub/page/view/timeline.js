/**
 * The messages of a room, and where the user is in them. There are as many nodes as the window has events,
 * which is bounded; older and newer ones are fetched while the user scrolls, and what they read stays in its place.
 */
import { isMessage } from "../text/kinds.js";
import { safe } from "../text/safe.js";
import { offerFiles } from "./attachments.js";
import { copyOf } from "./copying.js";
import { el } from "./dom.js";
import { targetOf } from "./events.js";
import { Folding } from "./folding.js";
import { layout } from "./layout.js";
import { offerTools } from "./message-tools.js";
import { nextFrame } from "./next-frame.js";
import { Places } from "./places.js";
import { RowNodes } from "./row-nodes.js";
import { renewRow, rowNode } from "./rows.js";

const NEAR_END = 48; // pixels from the end that still count as "at the end"
const AHEAD = 1200; // pixels of older rows that are fetched before they are in sight
// Newer rows push the oldest ones out, so they are fetched near the end only, and not for a user who reads above it.
const NEXT = 0.5; // of the height in sight

/** @typedef {import("../chat/room.js").Room} Room */

export class Timeline extends HTMLElement {
  /** @type {Room | null} */
  room = null;
  /** @type {(scrolled?: boolean) => void} called when the user is at another place; whether they have scrolled there */
  onmoved = () => {};
  #chat;
  /** @type {number | null} */
  #target = null; // the event that stands out
  /** @type {number | null} */
  #wanted = null; // the event that is to be brought into sight as soon as possible
  #going = false;
  #size = ""; // what the size was when the place was mended last
  #rows = el("div", { class: "rows" });
  /** @type {RowNodes<import("./layout.js").Row>} */
  #nodes = new RowNodes(this.#rows);
  #places = new Places(this, this.#rows);
  #folding = new Folding();
  #draw = () => this.#patch();

  /** @param {import("../chat/chat.js").Chat} chat */
  constructor(chat) {
    super();
    this.#chat = chat;
    this.tabIndex = 0;
    this.setAttribute("role", "log");
    this.setAttribute("aria-live", "off"); // the announcer says what is new, in moderation
    this.append(this.#rows);
    this.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    for (const moves of ["wheel", "touchmove"]) {
      // A user who reads on meanwhile is not taken away from there.
      this.addEventListener(moves, () => this.#entered || (this.#wanted = null), { passive: true });
    }
    this.addEventListener("keydown", (event) => this.#key(event));
    this.addEventListener("click", (event) => this.#fold(targetOf(event).closest(".fold")));
    this.addEventListener("copy", (event) => this.#copied(event));
    offerTools(this);
    offerFiles(this, chat);
    new ResizeObserver(() => this.#resized()).observe(this);
    chat.rooms.renamed.on((room) => room === this.room && this.#nodes.clear()); // its name is in them
    chat.rooms.roomChanged.on((room) => room === this.room && nextFrame(this.#draw));
  }

  /**
   * Shows another room, or an event of it.
   * @param {Room} room
   * @param {number | null} seq
   */
  show(room, seq = null) {
    const other = room !== this.room;
    this.room = room;
    if (other) {
      this.setAttribute("aria-label", room.direct ? `Messages with ${safe(room.title)}` : `Messages in ${room.name}`);
      this.#nodes.clear();
      this.#target = this.#wanted = null;
      this.#folding.reset();
    }
    if (other || seq === null) this.#patch(other ? room.place : null);
    if (seq !== null) this.goTo(seq);
  }

  /**
   * Nothing of a room stays.
   * @param {Room} room
   */
  forget(room) {
    if (room === this.room) this.#nodes.clear();
  }

  /**
   * Brings an event into sight, wherever in the log it is; in place of one that is no line, the next line. Before
   * the room is entered this is only an attempt, and is done `again` then: the events that are known may be
   * dropped at that moment.
   * @param {number} seq
   */
  async goTo(seq, again = false) {
    const { room } = this;
    if (!room) return;
    if (seq <= room.cleared) room.cleared = 0;
    this.#target = this.#wanted = seq;
    const offset = this.clientHeight / 3;
    room.place = { seq, offset };
    const entered = this.#entered;
    this.#going = true;
    const loaded = (entered || room.window.covers(seq)) && (await this.#chat.history.around(room, seq));
    this.#going = false;
    if (this.room !== room || this.#wanted !== seq) return; // the user has gone elsewhere
    if (entered && this.#entered) this.#wanted = null;
    else if (this.#chat.login.state === "waiting" && !loaded) {
      this.#chat.notice.emit("There is no connection. The message is shown when there is one.");
    }
    if (!loaded) return;
    const line = room.window.covers(seq) ? room.window.nearest(seq) : undefined;
    if (!line) {
      this.#chat.notice.emit(`There is no message ${seq.toLocaleString()} in ${safe(room.title)}.`);
      this.goToNewest();
      return;
    }
    this.#target = line.seq;
    room.place = { seq: line.seq, offset };
    this.#patch(room.place);
    this.#rows.querySelector(".target")?.classList.remove("target");
    const node = this.#places.nodeOf(line.seq);
    node?.classList.add("target");
    // A user who has begun to write meanwhile goes on.
    if (!again || !document.activeElement?.matches("textarea, input")) node?.focus({ preventScroll: true });
    this.onmoved();
  }

  get #entered() {
    return this.#chat.online && this.room?.stage === "in";
  }

  /** Goes to the newest messages. */
  goToNewest() {
    const { room } = this;
    if (!room) return;
    this.#target = this.#wanted = null;
    room.place = null;
    room.window.showNewest();
    this.#patch();
    this.onmoved();
  }

  /** Goes to the first messages of the room. */
  async goToFirst() {
    const { room } = this;
    if (!room) return;
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

  /** The events in sight, or null. */
  get sight() {
    return this.#places.sight();
  }

  /**
   * The message whose row has this node, or null.
   * @param {Element | null} [node]
   */
  eventOf(node) {
    /** @type {HTMLElement | null | undefined} */
    const row = node?.closest("[data-seq].said");
    const event = row && this.room?.window.find(Number(row.dataset.seq));
    return event && isMessage(event) ? event : null;
  }

  /**
   * Draws what has changed. What the user reads stays where it is; or the event of `place` comes there.
   * @param {import("./places.js").Anchor | null} place
   */
  #patch(place = null) {
    const { room } = this;
    if (!room) return;
    const follows = room.place === null;
    const anchor = follows ? null : (place ?? this.#places.anchor());
    const focused = this.contains(document.activeElement) ? document.activeElement : null;
    this.#drawRows(room);
    if (follows) this.#places.toEnd();
    else if (anchor) this.#places.put(anchor);
    if (focused && !focused.isConnected && !this.contains(document.activeElement)) this.#refocus(focused);
    if (this.#wanted === null) this.#fetch();
    else if (!this.#going && this.#entered) this.goTo(this.#wanted, true);
    this.onmoved();
  }

  /** @param {Room} room */
  #drawRows(room) {
    const chat = this.#chat;
    const me = chat.user;
    const scene = { me, room, chat, folding: this.#folding };
    const rows = layout({
      events: room.window.view,
      waiting: chat.queue.of(room.key),
      shown: chat.amending.showing(room),
      divider: room.divider,
      cleared: room.cleared,
      oldest: room.window.atBeginning,
      newest: room.window.attached,
      me,
      ignores: (name, id) => chat.ignores(name, id),
    });
    const make = (/** @type {import("./layout.js").Row} */ row) => {
      const node = rowNode(row, scene);
      if (!("seq" in row)) return node;
      if (row.seq === this.#target) node.classList.add("target");
      // A row of joins and leaves that is open stays open while it grows.
      const open = row.kind === "presence" && this.#rows.querySelector(`.presence[data-seq="${row.seq}"] details[open]`);
      if (open) node.querySelector("details")?.setAttribute("open", "");
      return node;
    };
    this.#nodes.show(rows, make, (node, row) => renewRow(node, row, scene));
  }

  /**
   * Focuses what stands now where a node was that had the focus.
   * @param {Element} gone
   */
  #refocus(gone) {
    /** @type {HTMLElement | null} */
    const row = gone.closest("[data-seq]");
    const node = row ? this.#places.nodeOf(Number(row.dataset.seq)) : null;
    (node ?? this).focus({ preventScroll: true });
  }

  // Places

  #scrolled() {
    const { room } = this;
    if (!room) return;
    // The field below may just have grown, or a part beside it have opened: then it is not the user who
    // scrolls, and `#resized` mends it.
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
    else this.#places.put(this.room.place); // lines break elsewhere now: what the user reads stays
  }

  #fetch() {
    const { room } = this;
    if (!room || !this.#chat.online || room.fetching || room.stage !== "in") return;
    const { first, atBeginning, attached } = room.window;
    if (this.scrollTop < AHEAD && !atBeginning && first > room.cleared + 1) this.#chat.history.older(room);
    else if (this.#places.rest < this.clientHeight * NEXT && !attached) this.#chat.history.newer(room);
  }

  /** @param {HTMLElement | null} button */
  #fold(button) {
    if (!button) return;
    this.#folding.toggle(button);
    this.#scrolled();
  }

  /** @param {ClipboardEvent} event */
  #copied(event) {
    const text = copyOf(document.getSelection(), this.#rows, (seq) => this.room?.window.find(seq));
    if (text === null) return; // within one message the browser copies well
    event.preventDefault();
    event.clipboardData?.setData("text/plain", text);
  }

  // Keys

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowUp") focusRow(this.#rows, event, -1);
    else if (event.key === "ArrowDown") focusRow(this.#rows, event, 1);
    else if (event.key === "Home") this.goToFirst();
    else if (event.key === "End") this.goToNewest();
    else return;
    event.preventDefault();
  }
}

/**
 * Focuses the row above or below the one that has the focus.
 * @param {Element} box the element that has the rows
 * @param {KeyboardEvent} event
 * @param {1 | -1} step
 */
function focusRow(box, event, step) {
  /** @type {NodeListOf<HTMLElement>} */
  const rows = box.querySelectorAll("[data-seq][tabindex]");
  const row = targetOf(event).closest("[data-seq][tabindex]");
  const at = [...rows].findIndex((one) => one === row);
  const next = rows[row ? at + step : step < 0 ? rows.length - 1 : 0];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}

customElements.define("hub-timeline", Timeline);
