/** The administrator's page: what `hubbub admin` does, for who has no shell. Its sections, and which one is shown. */
import { Administering } from "../../chat/administering.js";
import { safe } from "../../text/safe.js";
import { el } from "../dom.js";
import { iconButton } from "../icons.js";
import { backups } from "./backups.js";
import { files } from "./files.js";
import { messages } from "./messages.js";
import { overview } from "./overview.js";
import { people } from "./people.js";
import { record } from "./record.js";
import { rooms } from "./rooms.js";

const OFFLINE = "There is no connection to the server. What stands here is as it was; nothing can be changed until it is back.";

/**
 * What sections are made with.
 * @typedef {object} Given
 * @property {import("../../chat/chat.js").Chat} chat
 * @property {Administering} tasks
 * @property {(sentence: string) => void} tell
 * @property {(room: string) => void} go goes to a room
 *
 * @typedef {{node: HTMLElement, load: () => unknown}} SectionMade `load` fetches what it shows, again after a lost connection
 * @typedef {import("../../chat/administering.js").Section} Section
 */

/** @type {Record<Section, (given: Given) => SectionMade>} */
const MAKE = { overview, people, rooms, record, backups, messages, files };

export class ServerPage extends HTMLElement {
  #given;
  /** @type {Section | null} */
  #shown = null;
  #owned = false; // whether the user owned the server when it was shown
  /** @type {SectionMade | null} */
  #made = null;
  #title = el("h1", {});
  #nav = el("nav", { "aria-label": "Parts of this page" });
  #state = el("p", { class: "problem", role: "status" });
  #content = el("div", {});

  /**
   * @param {object} given
   * @param {import("../../chat/chat.js").Chat} given.chat
   * @param {Pick<import("../app.js").App, "toast">} given.page
   * @param {(room: string) => void} given.go
   */
  constructor({ chat, page, go }) {
    super();
    this.#given = { chat, tasks: new Administering(chat), tell: (/** @type {string} */ sentence) => page.toast.say(sentence), go };
    const menu = iconButton("menu", "Your rooms, help and settings", { "data-do": "rooms", class: "icon-button narrow-only" });
    const body = el("div", { class: "server-page" }, el("header", { class: "lobby-head" }, menu, this.#title), this.#nav, this.#state, this.#content);
    this.append(body);
    chat.login.changed.on(() => this.#stateChanged());
  }

  /**
   * Shows a section; "", or one that is not for the user: the first one.
   * @param {string} name
   */
  show(name) {
    const { chat, tasks } = this.#given;
    const sections = tasks.sections;
    const section = sections.find((one) => one.name === name) ?? sections[0];
    this.#title.textContent = `This server: ${safe(chat.server)}`;
    const links = sections.map((one) => el("a", { href: `#?server=${one.name}`, "aria-current": one === section && "page" }, one.title));
    this.#nav.replaceChildren(...links);
    this.#stateChanged();
    if (this.#shown === section.name && this.#owned === tasks.owns) return;
    const moved = this.#shown !== section.name;
    this.#shown = section.name;
    this.#owned = tasks.owns;
    this.#made = MAKE[section.name](this.#given);
    const heading = el("h2", { tabindex: "-1" }, section.title);
    this.#content.replaceChildren(heading, this.#made.node);
    this.scrollTop = 0;
    if (moved) heading.focus();
    this.#made.load();
  }

  /** Nothing of it stays. */
  leave() {
    if (this.#shown === null) return;
    for (const dialog of document.querySelectorAll("dialog")) dialog.close(); // of what may not be done any more
    this.#shown = this.#made = null;
    this.#content.replaceChildren();
  }

  #stateChanged() {
    const online = this.#given.chat.online;
    const back = online && this.#state.textContent !== "";
    this.#state.textContent = online ? "" : OFFLINE;
    if (back) this.#made?.load();
  }
}

customElements.define("hub-server", ServerPage);
