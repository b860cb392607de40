/** The list of the user's rooms. It keeps its place, and its edges say how much is unread in rooms out of sight. */
import { safe } from "../text/safe.js";
import { MAX_COUNT, sum, unreadWords } from "../text/unread.js";
import { el } from "./dom.js";
import { icon, iconButton } from "./icons.js";

/** @typedef {import("../chat/room.js").Room} Room */

export class RoomList extends HTMLElement {
  /** @type {Room[]} */
  #rooms = [];
  /** @type {Room | null} */
  #current = null;
  /** @type {Row[]} in the order of the rooms */
  #rows = [];
  #list = el("ul", { role: "list", "aria-label": "Rooms" });
  #talks = el("ul", { role: "list", "aria-label": "People" });
  #begin = iconButton("plus", "New conversation", { "data-do": "talk" });
  #people = el("div", { class: "section", hidden: true }, el("h2", {}, "People"), this.#begin);
  #scroller = el("div", { class: "mine" }, this.#list, this.#people, this.#talks);
  #up = el("button", { type: "button", class: "edge up", hidden: true });
  #down = el("button", { type: "button", class: "edge down", hidden: true });

  connectedCallback() {
    if (this.firstChild) return;
    this.append(this.#scroller, this.#up, this.#down);
    this.#scroller.addEventListener("scroll", () => this.#showEdges(), { passive: true });
    this.#up.addEventListener("click", () => this.#bring(this.#beyond().above.at(-1)));
    this.#down.addEventListener("click", () => this.#bring(this.#beyond().below[0]));
    new ResizeObserver(() => this.#showEdges()).observe(this.#scroller);
  }

  /**
   * Shows rooms, of which one may be the current one, and behind them the direct conversations. A row that looks the
   * same stays the same node. `talks`: whether the server has direct conversations.
   * @param {Room[]} rooms
   * @param {Room | null} current
   * @param {boolean} talks
   */
  show(rooms, current, talks) {
    this.#people.hidden = !talks;
    const focused = this.#rows.find(({ link }) => link === document.activeElement)?.link.hash;
    const watched = this.#inSight(); // rows above may grow: with a count a name may need another line
    const kept = new Map(this.#rows.map((row) => [row.link.hash, row]));
    const places = new Map([this.#list, this.#talks].map((list) => [list, list.firstChild]));
    this.#rows = rooms.map((room) => {
      const list = room.direct ? this.#talks : this.#list;
      const place = places.get(list) ?? null;
      const made = rowOf(room, room === current);
      const old = kept.get(made.link.hash);
      const row = old?.node.isEqualNode(made.node) ? old : made;
      if (row.node !== place) list.insertBefore(row.node, place);
      if (row !== old) old?.node.remove();
      places.set(list, row.node.nextSibling);
      kept.delete(made.link.hash);
      return row;
    });
    for (const { node } of kept.values()) node.remove();
    this.#rooms = rooms;
    if (focused && !this.#scroller.contains(document.activeElement)) {
      this.#rows.find(({ link }) => link.hash === focused)?.link.focus({ preventScroll: true });
    }
    if (current !== this.#current || (watched && !this.#inSight())) {
      this.#here?.link.scrollIntoView({ block: "nearest" });
    }
    this.#current = current;
    this.#showEdges();
  }

  /** Focuses the current room's row, or else the first one. */
  focus() {
    (this.#here ?? this.#rows[0])?.link.focus();
  }

  /** The row of the current room. */
  get #here() {
    return this.#rows.find(({ link }) => link.hasAttribute("aria-current"));
  }

  /** Whether that row is in sight. */
  #inSight() {
    const node = this.#here?.node;
    const { scrollTop, clientHeight } = this.#scroller;
    return node !== undefined && node.offsetTop >= scrollTop && node.offsetTop + node.offsetHeight <= scrollTop + clientHeight;
  }

  /** The rows with news that are out of sight. */
  #beyond() {
    const { scrollTop, clientHeight } = this.#scroller;
    const news = this.#rows.filter(({ link }) => link.classList.contains("unread"));
    const middle = (/** @type {Row} */ { node }) => node.offsetTop + node.offsetHeight / 2;
    return {
      above: news.filter((row) => middle(row) < scrollTop),
      below: news.filter((row) => middle(row) > scrollTop + clientHeight),
    };
  }

  #showEdges() {
    if (!this.#scroller.clientHeight) return;
    const { above, below } = this.#beyond();
    this.#tell(this.#up, "up", above);
    this.#tell(this.#down, "down", below);
  }

  /**
   * @param {HTMLElement} button
   * @param {"up" | "down"} way
   * @param {Row[]} rows
   */
  #tell(button, way, rows) {
    button.hidden = !rows.length;
    if (!rows.length) return;
    const count = sum(rows.map((row) => this.#rooms[this.#rows.indexOf(row)]));
    const text = unreadWords(count);
    if (button.dataset.text === text) return;
    button.dataset.text = text;
    button.classList.toggle("named", count.mentions > 0);
    button.replaceChildren(icon(way), text);
    button.setAttribute("aria-label", `${text} further ${way}: scroll there`);
  }

  /** @param {Row | undefined} row */
  #bring(row) {
    row?.node.scrollIntoView({ block: "center" });
    row?.link.focus({ preventScroll: true });
  }
}

/** @typedef {{node: HTMLElement, link: HTMLAnchorElement}} Row */

/**
 * @param {Room} room
 * @param {boolean} current
 * @returns {Row}
 */
function rowOf(room, current) {
  const { unread } = room;
  const count = unread >= MAX_COUNT ? `${MAX_COUNT}+` : String(unread);
  const named = room.mentions > 0;
  const locked = room.access === "members" || room.access === "locked";
  const link = el(
    "a",
    {
      href: `#/${encodeURIComponent(room.name)}`,
      class: ["row", unread && "unread", named && "named"].filter(Boolean).join(" "),
      "aria-current": current && "page",
    },
    icon(room.direct ? (room.people.length > 1 ? "members" : "person") : locked ? "lock" : "rooms"),
    el("bdi", { class: "room-name" }, safe(room.title)),
    locked && el("span", { class: "unseen" }, room.access === "members" ? ", private" : ", with a password"),
    room.standing?.archived && el("small", {}, " closed"),
    Boolean(room.standing?.waiting) && el("small", { class: "tag" }, `${room.standing?.waiting} waiting`),
    unread > 0 && el("span", { class: "unseen" }, `, ${count} unread${named && !room.direct ? ", you are mentioned" : ""}`),
    unread > 0 && el("span", { class: "badge", "aria-hidden": "true" }, named ? `@ ${count}` : count),
  );
  return { node: el("li", {}, link), link };
}

customElements.define("hub-room-list", RoomList);
