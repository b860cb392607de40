/**
 * The parts beside the room: the members, the search, some of its messages (pins, a conversation), and the list of
 * rooms, which is a drawer on a phone. Where there is no space for them beside the room they cover it. At most one of
 * the first three is shown.
 */
import { missed } from "./more.js";

const WIDE = matchMedia("(min-width: 1100px)"); // there is space for them
const NARROW = matchMedia("(max-width: 44rem)"); // the list of rooms is a drawer
const DRAWER = "rooms-shown"; // the page's class while that is open

export class Panels {
  #chat;
  #settings;
  #page;

  /**
   * @param {object} given
   * @param {import("../chat/chat.js").Chat} given.chat
   * @param {import("../keep/settings.js").Settings} given.settings
   * @param {import("./app.js").App} given.page
   */
  constructor({ chat, settings, page }) {
    this.#chat = chat;
    this.#settings = settings;
    this.#page = page;
    page.members.hidden = page.search.hidden = page.aside.hidden = true;
    missed.on(() => !page.search.hidden && !page.search.firstChild && this.toggleSearch());
    missed.on(() => !page.aside.hidden && !page.aside.firstChild && this.toggleAside(false));
    WIDE.addEventListener("change", () => this.arrange());
    NARROW.addEventListener("change", () => page.classList.remove(DRAWER));
  }

  /** Whether what is beside the room covers it here. */
  get covering() {
    return !WIDE.matches;
  }

  get roomsShown() {
    return this.#page.classList.contains(DRAWER);
  }

  /** Closes what covers the room. */
  close() {
    this.#page.classList.remove(DRAWER);
    if (this.covering) this.#page.search.hidden = this.#page.members.hidden = this.#page.aside.hidden = true;
  }

  /** Shows the members where there is space, unless the user has chosen otherwise. */
  arrange() {
    const { members, search, aside } = this.#page;
    const { current } = this.#chat.rooms;
    if (aside.room !== current) aside.hidden = true; // it has messages of the room
    const wanted = this.#settings.members ?? WIDE.matches;
    const shown = current !== null && search.hidden && aside.hidden && wanted && WIDE.matches;
    if (WIDE.matches || !members.hidden) members.hidden = !shown;
    if (!members.hidden) members.show(current);
  }

  toggleMembers(shown = this.#page.members.hidden) {
    const { members, search, aside } = this.#page;
    search.hidden = aside.hidden = true;
    members.hidden = !shown;
    if (WIDE.matches) this.#settings.set("members", shown);
    if (shown) {
      members.show(this.#chat.rooms.current);
      members.querySelector("button")?.focus();
    } else this.#goBackTo("members");
  }

  /** Makes place for the field, where the members cover it. */
  uncover() {
    if (this.covering) this.#page.members.hidden = this.#page.aside.hidden = true;
  }

  /** Shows the search, and the results of a query if there is one. */
  openSearch(query = "") {
    const { members, search, aside } = this.#page;
    members.hidden = aside.hidden = true;
    search.hidden = false;
    search.show(query);
  }

  toggleSearch() {
    if (this.#page.search.hidden) {
      this.openSearch();
      return;
    }
    this.#page.search.hidden = true;
    this.arrange();
    this.#goBackTo("search");
  }

  /**
   * Shows the conversation around a message of the room; without one, what is pinned.
   * @param {number | null} seq
   */
  openAside(seq = null) {
    const { members, search, aside } = this.#page;
    const { current } = this.#chat.rooms;
    if (!current) return;
    members.hidden = search.hidden = true;
    aside.hidden = false;
    aside.show(current, seq);
  }

  /** What is pinned comes, or whatever is in its place goes. */
  toggleAside(shown = this.#page.aside.hidden || this.#page.aside.target !== null) {
    if (shown) {
      this.openAside();
      return;
    }
    this.#page.aside.hidden = true;
    this.arrange();
    this.#goBackTo("pins");
  }

  toggleRooms() {
    const shown = this.#page.classList.toggle(DRAWER);
    if (shown) this.#page.sidebar.focus();
    else this.#goBackTo("rooms");
  }

  /**
   * Focuses the field; or, after something that had covered it, the button that had opened that.
   * @param {import("./buttons.js").Button} button
   */
  #goBackTo(button) {
    const { main, view } = this.#page;
    /** @type {HTMLElement | null} */
    const opener = main.querySelector(`:scope > :not([hidden]) [data-do=${button}]`);
    if (this.covering && opener?.checkVisibility()) opener.focus();
    else view.composer.focus();
  }
}
