/** Search in all rooms: the results beside the room, each opens its place. */
import { safe } from "../text/safe.js";
import { fullTimeOf, isoOf, dayName, timeOf } from "../text/when.js";
import { el, iconButton } from "./dom.js";

export class Search extends HTMLElement {
  #chat;
  #next = null;
  #asked = 0;
  #query = el("input", {
    type: "search",
    id: "query",
    dir: "auto",
    autocomplete: "off",
    placeholder: "words, from:ada, in:General, has:link…",
  });

  #status = el("p", { role: "status", class: "quiet" });
  #results = el("ul", { role: "list" });
  #more = el("button", { type: "button", class: "plain", hidden: true }, "More");

  attach(chat) {
    this.#chat = chat;
    const form = el(
      "form",
      { role: "search", autocomplete: "off" },
      el("label", { for: "query", class: "unseen" }, "What to search for"),
      el("div", { class: "field" }, this.#query, el("button", { class: "primary" }, "Search")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.find(this.#query.value);
    });
    this.#more.addEventListener("click", () => this.#ask(this.#next));
    const close = iconButton("close", "Close the search", { "data-do": "search" });
    this.setAttribute("role", "complementary");
    this.setAttribute("aria-label", "Results in all rooms");
    this.append(el("div", { class: "head" }, el("h2", {}, "Search in all rooms"), close), form, this.#status, this.#results, this.#more);
    return this;
  }

  show() {
    this.#query.focus();
    this.#query.select();
    if (this.#chat.online && !this.#chat.can("search")) {
      this.#status.textContent = "This server cannot search yet.";
    }
  }

  /** Shows what there is for a query. */
  async find(query) {
    this.#query.value = query;
    this.#results.replaceChildren();
    if (query.trim()) await this.#ask(null);
  }

  async #ask(before) {
    const asked = ++this.#asked;
    const query = this.#query.value.trim();
    this.#status.textContent = "Searching…";
    try {
      const answer = await this.#chat.search(query, before);
      if (asked === this.#asked) this.#show(answer);
    } catch (error) {
      if (asked === this.#asked) this.#status.textContent = error.message;
    }
  }

  #show({ results, next }) {
    this.#next = next ?? null;
    this.#more.hidden = !next;
    this.#results.append(...results.map(result));
    const count = this.#results.children.length;
    const found = count === 1 ? "1 message" : `${count.toLocaleString()} messages`;
    if (count) this.#status.textContent = next ? `${found} so far` : found;
    else this.#status.textContent = next ? "Nothing yet; there is more to look through." : "Nothing found.";
  }
}

function result({ room, seq, at, by, excerpt }) {
  const pieces = excerpt.map((piece, place) => (place % 2 ? el("mark", {}, safe(piece)) : safe(piece)));
  return el(
    "li",
    {},
    el(
      "a",
      { href: `#/${encodeURIComponent(room)}/${seq}` },
      el("span", { class: "line" },
        el("bdi", { class: "by" }, safe(by)),
        " in ",
        el("bdi", {}, safe(room)),
        el("time", { datetime: isoOf(at), title: fullTimeOf(at) }, `${dayName(at)}, ${timeOf(at)}`),
      ),
      el("span", { class: "excerpt", dir: "auto" }, ...pieces),
    ),
  );
}

customElements.define("hub-search", Search);
