/** What is done with a message: reacting, editing, taking back, pinning; and what is shown of it. */
import { safe } from "../text/safe.js";
import { withDialogs, withPicker } from "./more.js";

/** The reactions that are offered first, while nobody has used others. */
export const USUAL = ["👍", "❤️", "😂", "🎉", "😮", "😢"];

/**
 * @typedef {import("../text/kinds.js").LogEvent} LogEvent
 * @typedef {LogEvent | null} Meant nothing is done without one
 */

export class MessageDeeds {
  #chat;
  #recent;
  #page;

  /**
   * @param {object} given
   * @param {import("../chat/chat.js").Chat} given.chat
   * @param {import("../keep/recent-emoji.js").RecentEmoji} given.recent
   * @param {Pick<import("./app.js").App, "toast" | "view" | "openConversation">} given.page
   */
  constructor({ chat, recent, page }) {
    this.#chat = chat;
    this.#recent = recent;
    this.#page = page;
  }

  get #room() {
    return this.#chat.rooms.current;
  }

  /** The emoji that are offered first: those that the user has used last. */
  get usual() {
    return [...new Set([...this.#recent.all, ...USUAL])].slice(0, USUAL.length);
  }

  /**
   * Reacts to a message, or does not any more.
   * @param {Meant} event
   * @param {string} emoji
   * @param {boolean} [on]
   */
  react(event, emoji, on) {
    const room = this.#room;
    if (!room || !event || !this.#may("speak", event)) return;
    this.#chat.amending.react(room, event, emoji, on);
    this.#recent.use(emoji);
  }

  /**
   * Lets the user choose among all emoji.
   * @param {Meant} event
   */
  pick(event) {
    if (!event || !this.#may("speak", event)) return;
    withPicker((pick) => pick(this.#recent, (emoji) => this.react(event, emoji, true)));
  }

  /**
   * Puts a message into the field, to be changed. `text`: what it is to say, if it was changed before.
   * @param {Meant} event
   * @param {string} [text]
   */
  edit(event, text) {
    const room = this.#room;
    if (!room || !event) return;
    if (this.#chat.amending.mayEdit(room, event)) this.#page.view.composer.change(event, text);
    else this.#say(this.#chat.moderating.whyNot("speak", room) ?? "That message cannot be changed any more.");
  }

  /**
   * Takes a message back, if the user says so once more.
   * @param {Meant} event
   */
  redact(event) {
    const room = this.#room;
    if (!room || !event) return;
    withDialogs(({ redact }) => redact(event, this.#chat.isMine(event), () => {
      this.#chat.amending.redact(room, event);
      if (this.#chat.isMine(event)) this.#page.view.composer.forgetSent(room, event.text ?? "");
    }));
  }

  /** @type {(event: Meant, on: boolean) => void} */
  pin(event, on) {
    const room = this.#room;
    if (!room || !event) return;
    const why = this.#chat.moderating.whyNot("pin", room);
    if (why) this.#say(why);
    else this.#chat.amending.pin(room, event, on);
  }

  /**
   * Shows who reacts to a message; `emoji`: the reaction that was pressed.
   * @type {(event: Meant, emoji?: string) => void}
   */
  showReactions(event, emoji = "") {
    if (event?.reactions?.length) withDialogs(({ reactions }) => reactions(event.reactions ?? [], emoji));
  }

  /** @param {Meant} event */
  showVersions(event) {
    const room = this.#room;
    if (room && event) withDialogs(({ versions }) => versions(this.#chat.amending, room, event));
  }

  /** Why the user may not do it is told. @type {(action: string, event: LogEvent) => boolean} */
  #may(action, event) {
    const room = this.#room;
    const why = room && this.#chat.moderating.whyNot(action, room);
    if (why) this.#say(why);
    else if (event.redacted) this.#say(`${safe(event.redacted.by)} has taken that message back.`);
    return !why && !event.redacted;
  }

  /** @param {string} sentence */
  #say(sentence) {
    this.#page.toast.say(sentence);
  }
}
