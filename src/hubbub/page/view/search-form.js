/** What is in the search: the words, the filters and the results, each a link to its place. It is fetched with the dialogs. */
import { formatQuery, parseQuery } from "../text/filters.js";
import { keyOf } from "../text/names.js";
import { safe } from "../text/safe.js";
import { fullTimeOf, isoOf, dayName, timeOf } from "../text/when.js";
import { Chips } from "./chips.js";
import { el } from "./dom.js";
import { targetOf } from "./events.js";
import { iconButton } from "./icons.js";

/**
 * A message that was found. Every second piece of the excerpt is one of the words that were searched for.
 * @typedef {{room: string, seq: number, at: number, by: string, by_id?: string | null, excerpt: string[]}} Result
 */

export class SearchForm {
  #chat;
  /** @type {string | null} */
  #next = null; // where the server goes on
  #asked = 0;
  #query = el("input", {
    type: "search",
    id: "query",
    dir: "auto",
    autocomplete: "off",
    enterkeyhint: "search",
    placeholder: "Words to look for",
  });

  #chips = new Chips(() => this.#context(), () => this.#ask());
  #status = el("p", { role: "status", class: "quiet" });
  #advice = el("div", { class: "advice" });
  #results = el("ul", { role: "list" });
  #scrolled = 0; // kept here: an element that is hidden loses its place
  #more = el("button", { type: "button", class: "plain", hidden: true }, "Look further back");

  /**
   * @param {import("../chat/chat.js").Chat} chat
   * @param {HTMLElement} place where it is shown
   */
  constructor(chat, place) {
    this.#chat = chat;
    const form = el(
      "form",
      { role: "search", autocomplete: "off" },
      el("label", { for: "query", class: "unseen" }, "What to search for"),
      el("div", { class: "field" }, this.#query, el("button", { class: "primary" }, "Search")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.find(this.#query.value, this.#chips.filters);
    });
    this.#more.addEventListener("click", () => this.#ask(this.#next));
    this.#results.addEventListener("scroll", () => (this.#scrolled = this.#results.scrollTop), { passive: true });
    this.#results.addEventListener("click", (event) => this.#opened(targetOf(event).closest("a")));
    const close = iconButton("close", "Close the search", { "data-do": "search" });
    const head = el("div", { class: "head" }, el("h2", {}, "Search"), close);
    place.append(head, form, this.#chips, this.#status, this.#advice, this.#results, this.#more);
  }

  /** Shows itself, with the results of the last search. */
  show() {
    this.#chips.show(this.#chips.filters);
    this.#query.focus();
    this.#query.select();
    this.#results.scrollTop = this.#scrolled;
    if (this.#chat.online && !this.#chat.can("search")) {
      this.#status.textContent = "This server has no search.";
    }
  }

  /**
   * Searches; the filters in the query become chips beside those of `filters`.
   * @param {string} query
   * @param {import("../text/filters.js").Filters} filters
   */
  async find(query, filters = {}) {
    const { words, filters: typed } = parseQuery(query);
    this.#query.value = words;
    this.#chips.show({ ...filters, ...typed });
    await this.#ask();
  }

  /**
   * Drops what was found in a room that the user may not read any more.
   * @param {string} hash of the room
   */
  forget(hash) {
    for (const link of this.#results.querySelectorAll("a")) {
      if (link.hash === hash || link.hash.startsWith(`${hash}/`)) link.closest("li")?.remove();
    }
  }

  /**
   * Drops what was found of somebody who has closed their account.
   * @param {string} id
   */
  forgetAuthor(id) {
    for (const row of this.#results.querySelectorAll("li")) if (row.dataset.author === id) row.remove();
  }

  /** @returns {import("./chips.js").Context} */
  #context() {
    const room = this.#chat.rooms.current;
    const said = room ? room.window.tail.map(({ by }) => by).reverse() : [];
    const here = room ? Array.from(room.members.values(), ({ name }) => name) : [];
    return { room: room && !room.direct ? room.name : null, names: new Set([...said, ...here]) };
  }

  /** @param {string | null} before where the server goes on; null: a new search */
  async #ask(before = null) {
    const asked = ++this.#asked;
    const query = formatQuery(this.#query.value, this.#chips.filters);
    if (before === null) this.#results.replaceChildren();
    this.#advice.replaceChildren();
    this.#more.hidden = true;
    this.#status.textContent = query && "Searching…";
    if (!query) return;
    try {
      const answer = await this.#chat.search(query, before ?? undefined);
      if (asked === this.#asked) this.#show(answer);
    } catch (error) {
      if (asked === this.#asked) this.#status.textContent = /** @type {Error} */ (error).message;
    }
  }

  /** @param {import("../net/frames.js").Frame} found */
  #show({ results, next, behind = 0 }) {
    this.#next = next ?? null;
    this.#more.hidden = !next;
    const title = (/** @type {string} */ name) => this.#chat.rooms.get(keyOf(name))?.title ?? (name.startsWith("@") ? "a conversation" : name);
    this.#results.append(...results.map((/** @type {Result} */ one) => result(one, title(one.room))));
    const count = this.#results.children.length;
    const found = count === 1 ? "1 message" : `${count.toLocaleString()} messages`;
    if (count) this.#status.textContent = next ? `${found} so far, the newest first` : `${found}, the newest first`;
    else if (next) this.#status.textContent = "Nothing yet, but there is more to look through.";
    else {
      this.#status.textContent = "Nothing found.";
      this.#advise();
    }
    const late = behind === 1 ? "1 new message" : `${behind.toLocaleString()} new messages`;
    if (behind) this.#status.append(el("br"), `${late} cannot be found yet.`);
  }

  /** Says what to try when nothing was found. */
  #advise() {
    const words = this.#query.value.trim();
    const chosen = Object.values(this.#chips.filters).filter(Boolean).length;
    const tips = [];
    if (/["“”„]/.test(words)) tips.push("Leave out the quotation marks: they ask for these very words, side by side.");
    if (/\s/.test(words)) tips.push("Use fewer words: all of them have to be in one message.");
    if (words) {
      tips.push("Check the spelling, or write only how the last word begins: “pancake” finds “pancakes”, too.");
    }
    this.#advice.append(el("ul", { role: "list" }, ...tips.map((tip) => el("li", {}, tip))));
    if (!chosen) return;
    const drop = el("button", { type: "button" }, chosen === 1 ? "Search without the filter" : "Search without the filters");
    drop.addEventListener("click", () => {
      this.find(words);
      this.#query.focus();
    });
    this.#advice.append(drop);
  }

  /**
   * Marks the result that was opened last, so that the user sees which one is next.
   * @param {Element | null} link
   */
  #opened(link) {
    if (!link) return;
    this.#results.querySelector("[aria-current]")?.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
  }
}

/**
 * @param {Result} found
 * @param {string} title of the room
 */
function result({ room, seq, at, by, by_id, excerpt }, title) {
  const shown = (/** @type {string} */ piece) => safe(piece).replace(/```\S*/g, ""); // fences are no words
  const pieces = excerpt.map((piece, place) => (place % 2 ? el("mark", {}, shown(piece)) : shown(piece)));
  return el(
    "li",
    { "data-author": by_id },
    el(
      "a",
      { href: `#/${encodeURIComponent(room)}/${seq}` },
      el("span", { class: "line" },
        el("span", {}, el("bdi", { class: "by" }, safe(by)), " in ", el("bdi", {}, safe(title))),
        el("time", { datetime: isoOf(at), title: fullTimeOf(at) }, `${dayName(at)}, ${timeOf(at)}`),
      ),
      el("span", { class: "excerpt", dir: "auto" }, ...pieces),
    ),
  );
}
