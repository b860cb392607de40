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
    chat.rooms.roomChanged.on((room) => room === this.#room && !this.hidden && nextFrame(this.#draw));
    return this;
  }

  show(room) {
    this.#room = room;
    if (!this.hidden) this.#patch();
  }

  #patch() {
    if (!this.#room) return;
    const names = [...this.#room.members.values()].sort(byName);
    const now = names.join("\n");
    if (now === this.#shown) return;
    this.#shown = now;
    this.#title.textContent = `${names.length.toLocaleString()} ${names.length === 1 ? "member" : "members"}`;
    const me = keyOf(this.#chat.user);
    const rows = names.slice(0, MOST).map((name) =>
      el(
        "li",
        {},
        el("span", { class: "face small", "data-hue": hueOf(name), "aria-hidden": "true" }, initialOf(name)),
        el("bdi", {}, safe(name)),
        keyOf(name) === me && el("small", {}, " you"),
      ),
    );
    const rest = names.length - rows.length;
    if (rest > 0) rows.push(el("li", {}, `and ${rest.toLocaleString()} more`));
    this.#list.replaceChildren(...rows);
  }
}

customElements.define("hub-members", Members);
