/** The keys of the whole page: most do the same as a button, others go from part to part. */
import { composes, targetOf } from "./events.js";

const PARTS = "hub-sidebar, hub-timeline, hub-composer, hub-lobby, hub-members, hub-search, hub-aside, hub-server";

export class Keys {
  #chat;
  #settings;
  #page;
  #navigation;

  /**
   * @param {object} given
   * @param {import("../chat/chat.js").Chat} given.chat
   * @param {import("../keep/settings.js").Settings} given.settings
   * @param {import("./navigation.js").Navigation} given.navigation
   * @param {import("./app.js").App} given.page
   */
  constructor({ chat, settings, navigation, page }) {
    this.#chat = chat;
    this.#settings = settings;
    this.#navigation = navigation;
    this.#page = page;
  }

  /**
   * Does what a key is for, if it is for anything here.
   * @param {KeyboardEvent} event
   */
  take(event) {
    if (composes(event) || !this.#page.inside || document.querySelector("dialog[open]")) return;
    const act = event.ctrlKey || event.metaKey || event.altKey ? this.#chord(event) : this.#plain(event);
    if (act) {
      event.preventDefault();
      act();
    }
  }

  /** @param {KeyboardEvent} event */
  #chord({ key, code, ctrlKey, metaKey, altKey, shiftKey }) {
    const control = ctrlKey || metaKey;
    if (control && !altKey && key.toLowerCase() === "k") return this.#press("lobby");
    if (control && shiftKey && key.toLowerCase() === "f") return this.#press("search");
    if (altKey && !control && key === "ArrowUp") return () => this.#navigation.toRoom(-1, shiftKey);
    if (altKey && !control && key === "ArrowDown") return () => this.#navigation.toRoom(1, shiftKey);
    // Recognised by its place on the keyboard: on a Mac it writes another letter with Alt.
    if (altKey && !control && code === "KeyM") return this.#press("mention");
    return null;
  }

  /** @param {KeyboardEvent} event */
  #plain(event) {
    const { key, shiftKey } = event;
    const target = targetOf(event);
    const { view } = this.#page;
    if (key === "F6") return () => this.#nextPart(shiftKey ? -1 : 1);
    if (key === "Escape") return this.#escape(target);
    if (!this.#settings.keys || target.matches("input, textarea, select")) return null;
    if (key === "?") return this.#press("help");
    if (key === "u") return () => view.goToNews();
    if (key === "m") return this.#press("mark-read");
    if (!this.#page.messageOf(target)) return null;
    if (key === "Enter" && target.matches(".said")) return this.#press("message-menu", target);
    if (key === "r") return this.#press("reply", target);
    if (key === "l") return this.#press("link", target);
    if (key === "e") return this.#press("pick", target);
    if (key === "c") return this.#press("change", target);
    if (key === "t") return this.#press("conversation", target);
    return null;
  }

  /** @param {HTMLElement} target */
  #escape(target) {
    const { search, members, aside, covered, lobby } = this.#page;
    if (search.contains(target)) return this.#press("search");
    if (aside.contains(target)) return this.#press("aside");
    if (members.contains(target) && covered) return this.#press("members");
    if (this.#page.classList.contains("rooms-shown")) return this.#press("rooms");
    if (!this.#chat.rooms.current) return lobby.hidden ? null : () => this.#navigation.back();
    if (target.matches("textarea")) return null;
    return this.#press("write");
  }

  /**
   * @param {import("./buttons.js").Button} name
   * @param {HTMLElement} [node]
   */
  #press(name, node) {
    return () => this.#page.press(name, node);
  }

  /** @param {1 | -1} step */
  #nextPart(step) {
    const { sidebar, main, view, lobby, members, search, aside } = this.#page;
    /** @type {(HTMLElement | null)[]} */
    const all = [
      sidebar.querySelector("[aria-current]") ?? sidebar.querySelector("button"),
      ...(this.#chat.rooms.current
        ? [view.timeline, view.querySelector("textarea")]
        : [lobby.querySelector("input"), /** @type {HTMLElement | null} */ (main.querySelector("hub-server nav [aria-current]"))]),
      ...(members.hidden ? [] : [members.querySelector("ul")]),
      ...(search.hidden ? [] : [search.querySelector("input")]),
      ...(aside.hidden ? [] : [/** @type {HTMLElement | null} */ (aside.querySelector("textarea, .rows"))]),
    ];
    const parts = all.flatMap((part) => (part?.checkVisibility() ? [part] : []));
    const regions = parts.map((part) => part.closest(PARTS));
    const now = regions.findIndex((region) => region?.contains(document.activeElement));
    parts[(now + step + parts.length) % parts.length].focus();
  }
}
