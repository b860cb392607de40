/** What the buttons of the page do. An element says by `data-do` which one it is. */
import { targetOf } from "./events.js";
import { withDialogs } from "./more.js";

/** @typedef {keyof ReturnType<typeof actions>} Button */

export class Buttons {
  #actions;

  /** @param {Given} given */
  constructor(given) {
    this.#actions = actions(given);
    const { page, panels, router } = given;
    // A long touch, or the other button of a mouse.
    page.addEventListener("contextmenu", (event) => {
      /** @type {HTMLElement | null} */
      const name = targetOf(event).closest("[data-do=member-menu], .by[data-do=author-menu], [data-do=react]");
      if (!name) return;
      event.preventDefault();
      this.press(name.dataset.do === "react" ? "reactions" : /** @type {Button} */ (name.dataset.do), name);
    });
    page.addEventListener("click", (event) => {
      const target = targetOf(event);
      /** @type {HTMLElement | null} */
      const button = target.closest("[data-do]");
      const link = target.closest("a");
      if (link && leadsHere(link, event)) {
        event.preventDefault();
        router.follow(link.hash);
      }
      if (button) {
        if (button.matches("a")) event.preventDefault();
        this.press(/** @type {Button} */ (button.dataset.do), button);
      } else if (panels.roomsShown) {
        if (!target.closest("hub-sidebar") || link) panels.toggleRooms();
      } else if (target === page && panels.covering && !page.members.hidden) {
        panels.toggleMembers(false); // a click beside them, on a phone
      }
    });
  }

  /**
   * Does what a button does. `node`: the button, or an element of the message that is meant.
   * @param {Button} name
   * @param {HTMLElement} [node]
   */
  press(name, node = document.body) {
    this.#actions[name](node);
  }
}

/**
 * @typedef {object} Given
 * @property {import("../chat/chat.js").Chat} chat
 * @property {import("../text/commands.js").Commands} commands
 * @property {import("./router.js").Router} router
 * @property {import("./panels.js").Panels} panels
 * @property {import("./navigation.js").Navigation} navigation
 * @property {import("./deeds.js").Deeds} deeds
 * @property {import("./menus.js").Menus} menus
 * @property {import("./message-deeds.js").MessageDeeds} messages
 * @property {import("./app.js").App} page
 */

/** @param {Given} given */
function actions({ chat, commands, router, panels, navigation, deeds, menus, messages, page }) {
  const { view } = page;
  /** @type {(button: HTMLElement) => string} */
  const nonce = (button) => button.dataset.nonce ?? "";
  return {
    lobby: () => router.go(null),
    help: () => withDialogs((dialogs) => dialogs.help(commands.all)),
    settings: () => page.showSettings(),
    account: () => page.showAccount(),
    talk: () => page.showTalk(),
    search: () => panels.toggleSearch(),
    members: () => panels.toggleMembers(),
    rooms: () => panels.toggleRooms(),
    write: () => view.composer.focus(),
    news: () => view.goToNews(),
    mention: () => navigation.toMention(),
    "next-unread": () => navigation.toRoom(1, true),
    "mark-read": () => view.markRead(),
    "mark-all": () => {
      chat.reading.readAll();
      page.toast.say("All your rooms are marked as read.");
      const writing = chat.rooms.current && !panels.roomsShown;
      (writing ? view : page.sidebar).focus();
    },
    reply: (/** @type {HTMLElement} */ node) => {
      const event = page.messageOf(node);
      if (event && !event.redacted) page.replyTo(event, node);
    },
    link: (/** @type {HTMLElement} */ node) => {
      const event = page.messageOf(node);
      if (event && view.room) deeds.copyLink(view.room, event.seq);
    },
    "message-menu": (/** @type {HTMLElement} */ node) => {
      const event = page.messageOf(node);
      const button = node.closest("[data-seq]")?.querySelector("button[data-do=message-menu]");
      if (event && button instanceof HTMLElement) menus.openMessage(button, event);
    },
    react: (/** @type {HTMLElement} */ chip) => messages.react(page.messageOf(chip), chip.getAttribute("value") ?? ""),
    pick: (/** @type {HTMLElement} */ node) => messages.pick(page.messageOf(node)),
    reactions: (/** @type {HTMLElement} */ chip) => messages.showReactions(page.messageOf(chip), chip.getAttribute("value") ?? ""),
    versions: (/** @type {HTMLElement} */ node) => messages.showVersions(page.messageOf(node)),
    conversation: (/** @type {HTMLElement} */ node) => {
      const event = page.messageOf(node);
      if (event) panels.openAside(event.seq);
    },
    pins: () => panels.toggleAside(),
    change: (/** @type {HTMLElement} */ node) => messages.edit(page.messageOf(node)),
    aside: () => panels.toggleAside(false),
    queue: () => view.room && deeds.showQueue(view.room),
    self: (/** @type {HTMLElement} */ button) => menus.openSelf(button),
    "room-menu": (/** @type {HTMLElement} */ button) => menus.openRoom(button),
    "author-menu": (/** @type {HTMLElement} */ node) => {
      const event = page.messageOf(node);
      // They are made where the pointer is; the first one is not shown where there is little space.
      /** @type {HTMLElement[]} */
      const made = [...(node.closest(".said")?.querySelectorAll(/** @type {any} */ ("[data-do=author-menu], [data-do=message-menu]")) ?? [])];
      const button = made.find((one) => one.matches("button") && one.checkVisibility());
      if (event && button) menus.openMember(button, event.by, event);
    },
    "member-menu": (/** @type {HTMLElement} */ button) => menus.openMember(button, button.getAttribute("value") ?? ""),
    goto: (/** @type {HTMLElement} */ button) => {
      panels.uncover();
      view.timeline.goTo(Number(button.dataset.seq));
    },
    retry: (/** @type {HTMLElement} */ button) => chat.queue.retry(nonce(button)),
    discard: (/** @type {HTMLElement} */ button) => chat.queue.discard(nonce(button)),
    edit: (/** @type {HTMLElement} */ button) => {
      const line = chat.queue.discard(nonce(button));
      if (line?.amend) messages.edit(view.room?.window.find(line.amend.target) ?? null, line.amend.text);
      else if (line) view.composer.edit(line.text, line.reply);
      if (line?.files && view.room) chat.uploads.bring(view.room, line.files);
    },
    "copy-code": (/** @type {HTMLElement} */ button) =>
      page.copy(button.parentElement?.querySelector("code")?.textContent ?? "", "Copied."),
  };
}

/**
 * Whether a click on a link opens a place of this page: in this tab, with no key held.
 * @param {HTMLAnchorElement} link
 * @param {MouseEvent} event
 */
function leadsHere({ origin, pathname, hash }, { ctrlKey, metaKey, shiftKey, altKey }) {
  const here = origin === location.origin && pathname === location.pathname && /^#[/?]/.test(hash);
  return here && !(ctrlKey || metaKey || shiftKey || altKey);
}
