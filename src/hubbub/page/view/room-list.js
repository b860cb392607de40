/** The list of rooms: it stays where it was scrolled to, and its edges tell of news beyond them. */
import { safe } from "../text/safe.js";
import { el, icon } from "./dom.js";
import { words } from "./news-bar.js";

const MOST = 1000; // the server counts no further

export class RoomList extends HTMLElement {
  #rooms = [];
  #current = null;
  #list = el("ul", { role: "list" });
  #scroller = el("div", { class: "mine" }, this.#list);
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

  /** Shows rooms, of which one may be the current one. Rows that look the same stay the same nodes. */
  show(rooms, current) {
    const focused = this.#list.contains(document.activeElement) && document.activeElement.hash;
    const watched = this.#inSight(); // rows above may grow: with a count a name may need another line
    const kept = new Map([...this.#list.children].map((row) => [row.firstChild.hash, row]));
    let place = this.#list.firstChild;
    for (const room of rooms) {
      const made = row(room, room === current);
      const old = kept.get(made.firstChild.hash);
      const node = old?.isEqualNode(made) ? old : made;
      if (node === place) place = place.nextSibling;
      else this.#list.insertBefore(node, place);
      if (node !== old) old?.remove();
      if (old === place) place = node.nextSibling;
      kept.delete(made.firstChild.hash);
    }
    for (const gone of kept.values()) gone.remove();
    this.#rooms = rooms;
    if (focused && !this.#list.contains(document.activeElement)) this.#link(focused)?.focus({ preventScroll: true });
    if (current !== this.#current || (watched && !this.#inSight())) {
      this.#list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
    }
    this.#current = current;
    this.#showEdges();
  }

  /** To where one is in the list. */
  focus() {
    (this.#list.querySelector("[aria-current]") ?? this.#list.querySelector("a"))?.focus();
  }

  /** Whether the current room's row is in sight. */
  #inSight() {
    const at = this.#list.querySelector("[aria-current]")?.parentNode;
    const { scrollTop, clientHeight } = this.#scroller;
    return Boolean(at) && at.offsetTop >= scrollTop && at.offsetTop + at.offsetHeight <= scrollTop + clientHeight;
  }

  #link(hash) {
    return [...this.#list.querySelectorAll("a")].find((link) => link.hash === hash);
  }

  /** The rows with news that are out of sight: {above, below}. */
  #beyond() {
    const { scrollTop, clientHeight } = this.#scroller;
    const news = [...this.#list.children].filter((one) => one.firstChild.classList.contains("unread"));
    const middle = (one) => one.offsetTop + one.offsetHeight / 2;
    return {
      above: news.filter((one) => middle(one) < scrollTop),
      below: news.filter((one) => middle(one) > scrollTop + clientHeight),
    };
  }

  #showEdges() {
    if (!this.#scroller.clientHeight) return;
    const { above, below } = this.#beyond();
    this.#tell(this.#up, "up", above);
    this.#tell(this.#down, "down", below);
  }

  #tell(button, way, rows) {
    button.hidden = !rows.length;
    if (!rows.length) return;
    const places = [...this.#list.children];
    const { unread, mentions } = sum(rows.map((one) => this.#rooms[places.indexOf(one)]));
    const text = words(unread, mentions);
    if (button.dataset.text === text) return;
    button.dataset.text = text;
    button.classList.toggle("named", mentions > 0);
    button.replaceChildren(icon(way), text);
    button.setAttribute("aria-label", `${text} further ${way}: scroll there`);
  }

  #bring(node) {
    node?.scrollIntoView({ block: "center" });
    node?.firstChild.focus({ preventScroll: true });
  }
}

/** What is unread in rooms: {unread, mentions, rooms: how many have news}. */
export function sum(rooms) {
  const news = rooms.filter(({ unread }) => unread > 0);
  const total = (count) => news.reduce((all, room) => all + count(room), 0);
  return { unread: total((room) => room.unread), mentions: total((room) => room.mentions), rooms: news.length };
}

function row(room, here) {
  const { unread } = room;
  const count = unread >= MOST ? `${MOST}+` : String(unread);
  const named = room.mentions > 0;
  return el(
    "li",
    {},
    el(
      "a",
      {
        href: `#/${encodeURIComponent(room.name)}`,
        class: ["row", unread && "unread", named && "named"].filter(Boolean).join(" "),
        "aria-current": here && "page",
      },
      icon("rooms"),
      el("bdi", { class: "room-name" }, safe(room.name)),
      unread > 0 && el("span", { class: "unseen" }, `, ${count} unread${named ? ", you are mentioned" : ""}`),
      unread > 0 && el("span", { class: "badge", "aria-hidden": "true" }, named ? `@ ${count}` : count),
    ),
  );
}

customElements.define("hub-room-list", RoomList);
