/** Who is in the room. */
import { byName, hueOf, initialOf, keyOf } from "../text/names.js";
import { safe } from "../text/safe.js";
import { el, iconButton, nextFrame } from "./dom.js";

const MOST = 500; // names that are shown; more are only counted

export class Members extends HTMLElement {
  #chat;
  #room = null;
  #shown = "";
  #title = el("h2");
  #list = el("ul", { role: "list" });
  #draw = () => this.#patch();

  attach(chat) {
    this.#chat = chat;
    const close = iconButton("close", "Hide the members", { "data-do": "members" });
    this.setAttribute("role", "complementary");
    this.setAttribute("aria-label", "Members of the room");
    this.append(el("div", { class: "head" }, this.#title, close), this.#list);
    this.#list.tabIndex = 0;
    this.#list.setAttribute("aria-label", "Members");
    this.#list.addEventListener("keydown", (event) => this.#key(event));
    chat.rooms.roomChanged.on((room) => room === this.#room && !this.hidden && nextFrame(this.#draw));
    return this;
  }

  show(room) {
    this.#room = room;
    if (!this.hidden) this.#patch();
  }

  /** The arrows go from one to the next: the list is one stop of the Tab key, however long it is. */
  #key(event) {
    const rows = [...this.#list.querySelectorAll("button")];
    const at = rows.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: Math.max(at - 1, 0), Home: 0, End: -1 }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    event.preventDefault();
    rows.at(Math.min(to, rows.length - 1))?.focus();
  }

  #patch() {
    if (!this.#room) return;
    const names = Array.from(this.#room.members.values(), ({ name }) => name).sort(byName);
    const ignored = names.filter((name) => this.#chat.ignores(name));
    const now = [this.#chat.user, ...names, ...ignored].join("\n");
    if (now === this.#shown) return;
    this.#shown = now;
    this.#title.textContent = `${names.length.toLocaleString()} ${names.length === 1 ? "member" : "members"}`;
    const me = keyOf(this.#chat.user);
    const rows = names.slice(0, MOST).map((name) =>
      el(
        "li",
        {},
        el(
          "button",
          { type: "button", class: "row", value: name, tabindex: "-1", "data-do": "member-menu", "aria-haspopup": "menu" },
          el("span", { class: "face small", "data-hue": hueOf(name), "aria-hidden": "true" }, initialOf(name)),
          el("bdi", {}, safe(name)),
          keyOf(name) === me && el("small", {}, " you"),
          this.#chat.ignores(name) && el("small", {}, " hidden"),
        ),
      ),
    );
    const rest = names.length - rows.length;
    if (rest > 0) rows.push(el("li", {}, `and ${rest.toLocaleString()} more`));
    const focused = this.#list.contains(document.activeElement) && document.activeElement.value;
    this.#list.replaceChildren(...rows);
    if (focused) (this.#list.querySelector(`button[value="${CSS.escape(focused)}"]`) ?? this.#list).focus();
  }
}

customElements.define("hub-members", Members);
