/** The menu of a room and the menu of a member: what they offer. */
import { FORMER_MEMBER } from "../chat/forgetting.js";
import { keyOf } from "../text/names.js";
import { safe } from "../text/safe.js";
import { openMenu } from "./menu.js";
import { withDialogs } from "./more.js";
import { NOTIFY_ORDER, NOTIFY_WORDS } from "./notify-words.js";

/** @typedef {import("../keep/settings.js").Notify} Notify */

/** @type {{status: import("../chat/profile.js").Status, label: string}[]} */
const STATES = [
  { status: "here", label: "Here" },
  { status: "away", label: "Away" },
  { status: "busy", label: "Busy: nothing alerts you" },
];

export class Menus {
  #chat;
  #settings;
  #orders;
  #deeds;
  #messages;
  #page;
  /** @type {HTMLElement | null} the button whose menu is about to open */
  #coming = null;

  /**
   * @param {object} given
   * @param {import("../chat/chat.js").Chat} given.chat
   * @param {import("../keep/settings.js").Settings} given.settings
   * @param {import("./orders.js").Orders} given.orders
   * @param {import("./deeds.js").Deeds} given.deeds
   * @param {import("./message-deeds.js").MessageDeeds} given.messages
   * @param {Pick<import("./app.js").App, "press" | "showMembers" | "mention" | "openSearch" | "copy" | "toast" | "showSettings" | "showPerson" | "showProfile" | "openConversation" | "goTo">} given.page
   */
  constructor({ chat, settings, orders, deeds, messages, page }) {
    this.#messages = messages;
    this.#orders = orders;
    this.#deeds = deeds;
    this.#chat = chat;
    this.#settings = settings;
    this.#page = page;
  }

  /**
   * Opens the menu of the room that is shown.
   * @param {HTMLElement} button
   */
  openRoom(button) {
    const room = this.#chat.rooms.current;
    if (!room) return;
    const page = this.#page;
    const now = this.#settings.ownNotify(room.name);
    const everywhere = NOTIFY_WORDS[this.#settings.notify].short;
    /** @type {{how: Notify | null, label: string}[]} */
    const choices = [{ how: null, label: `As in all rooms (${everywhere})` }];
    for (const how of NOTIFY_ORDER) choices.push({ how, label: NOTIFY_WORDS[how].label });
    const { moderating } = this.#chat;
    openMenu(button, room.direct ? `Conversation with ${safe(room.title)}` : `Room ${room.name}`, [
      { label: room.direct ? "People" : "Members", icon: "members", act: () => page.showMembers() },
      moderating.may("invite", room) && { label: "Invite people…", icon: "invite", act: () => this.#deeds.invite(room) },
      !room.direct && { label: "Copy a link to this room", icon: "link", act: () => this.#deeds.copyLink(room) },
      moderating.may("audit", room) && {
        label: room.standing?.waiting ? `Waiting for a moderator (${room.standing.waiting})…` : "Waiting for a moderator…",
        icon: "flag",
        act: () => this.#deeds.showQueue(room),
      },
      room.unread > 0 && { label: "Mark as read", icon: "done", act: () => page.press("mark-read") },
      { title: "Notify me here" },
      ...choices.map(({ how, label }) => ({ label, chosen: now === how, act: () => this.#orders.setNotify(how) })),
      !room.direct && { title: "" },
      !room.direct && { label: moderating.may("rules", room) ? "Settings of this room…" : "Rules of this room…", icon: "rules", act: () => this.#deeds.showRules(room) },
      !room.direct && { label: "Leave this room", icon: "leave", act: () => this.#deeds.leave(room) },
      room.untold && moderating.may("delete", room) && this.#chat.can("delete") && { label: "Delete this room", icon: "delete", act: () => this.#deeds.remove(room) },
    ]);
  }

  /**
   * Opens the menu at the user's own name: how others see them.
   * @param {HTMLElement} button
   */
  openSelf(button) {
    const { profile } = this.#chat;
    if (!profile.there) return this.#page.showSettings();
    openMenu(button, "How others see you", [
      ...STATES.map(({ status, label }) => ({ label, chosen: profile.status === status, act: () => this.#orders.setStatus(status) })),
      { title: "" },
      { label: "Your profile…", icon: "person", act: () => this.#page.showProfile() },
    ]);
  }

  /**
   * Opens the menu of a message.
   * @param {HTMLElement} button
   * @param {import("../text/kinds.js").Message} message
   */
  openMessage(button, message) {
    const room = this.#chat.rooms.current;
    if (!room) return;
    const { amending } = this.#chat;
    const messages = this.#messages;
    const page = this.#page;
    const there = !message.redacted;
    const { event } = amending.shown(room, message);
    const pinned = room.state.pins.includes(message.seq);
    const faces = messages.usual.map((emoji) => ({
      emoji,
      label: `React with ${emoji}`,
      chosen: amending.reactsWith(event, emoji),
      act: () => messages.react(message, emoji),
    }));
    openMenu(button, `Message of ${safe(message.by)}`, [
      amending.mayReact(room, message) && { faces },
      amending.mayReact(room, message) && { label: "React…", icon: "smile", act: () => messages.pick(message) },
      there && { label: "Reply", icon: "reply", act: () => page.press("reply", button) },
      amending.mayEdit(room, message) && { label: "Edit", icon: "edit", act: () => messages.edit(message) },
      button.closest("hub-aside") !== null && { label: "Show it in the room", icon: "down", act: () => page.goTo(message.seq) },
      { label: "The conversation around it", icon: "talk", act: () => page.openConversation(message.seq) },
      amending.mayPin(room, message) && { label: pinned ? "Unpin" : "Pin", icon: "pin", act: () => messages.pin(message, !pinned) },
      Boolean(message.text) && { label: "Copy its text", icon: "copy", act: () => page.copy(message.text, "Copied.") },
      { label: "Copy a link to it", icon: "link", act: () => this.#deeds.copyLink(room, message.seq) },
      Boolean(event.reactions?.length) && { label: "Who has reacted…", icon: "members", act: () => messages.showReactions(event) },
      amending.maySeeVersions(room, message) && { label: "What it said before…", icon: "past", act: () => messages.showVersions(message) },
      there && !room.direct && !this.#chat.isMine(message) && { label: "Report it to the moderators…", icon: "flag", act: () => this.#deeds.report(room, message) },
      amending.mayRedact(room, message) && { label: "Take it back…", icon: "undo", act: () => messages.redact(message) },
      { title: "" },
      { label: `About ${safe(message.by)}…`, icon: "person", act: () => page.press("author-menu", button) },
    ]);
  }

  /**
   * Opens the menu of a member of the room; with a `message`, what can be done with that is in it, too.
   * @param {HTMLElement} button
   * @param {string} name
   * @param {import("../text/kinds.js").Message | null} [message]
   */
  async openMember(button, name, message = null) {
    const page = this.#page;
    if (name === FORMER_MEMBER) return page.toast.say("This account was closed.");
    const room = this.#chat.rooms.current;
    if (this.#coming === button) return; // a double click: it would be closed as it opens
    this.#coming = button;
    if (room) await this.#chat.moderating.lookMuted(room);
    await withDialogs(({ personItems }) => openMenu(button, name, [
      { label: `Mention ${safe(name)}`, icon: "mention", act: () => page.mention(name) },
      this.#chat.can("profiles") && { label: `About ${safe(name)}…`, icon: "person", act: () => page.showPerson(name) },
      keyOf(name) !== keyOf(this.#chat.user) && this.#chat.can("direct") && {
        label: `Message ${safe(name)}`,
        icon: "send",
        act: () => this.#orders.message([name]),
      },
      this.#chat.can("search") && {
        label: keyOf(name) === keyOf(this.#chat.user) ? "Search your messages" : "Search their messages",
        icon: "search",
        act: () => page.openSearch(`from:${name} `),
      },
      keyOf(name) !== keyOf(this.#chat.user) && {
        label: this.#chat.ignores(name) ? "Show what they write again" : "Do not show what they write",
        icon: this.#chat.ignores(name) ? "show" : "hide",
        act: () => this.#orders.setIgnored(name, !this.#chat.ignores(name)),
      },
      ...(this.#chat.rooms.current ? personItems(this.#chat, this.#chat.rooms.current, name, (why) => page.toast.say(why)) : []),
      Boolean(message?.text) && { title: "This message" },
      Boolean(message?.text) && { label: "Copy its text", icon: "copy", act: () => page.copy(message?.text ?? "", "Copied.") },
      message !== null && room !== null && Boolean(message.text || message.files?.length) && !room.direct && !this.#chat.isMine(message) && {
        label: "Report it to the moderators…",
        icon: "flag",
        act: () => this.#deeds.report(room, message),
      },
    ]));
    this.#coming = null;
  }
}
