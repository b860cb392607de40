/** What is done with a whole room: leaving it, deleting it, a link to it, and undoing one that was made by a slip. */
import { keyOf } from "../text/names.js";
import { safe } from "../text/safe.js";
import { keepDoor } from "./door.js";
import { withDialogs } from "./more.js";
import { Router } from "./router.js";

const HINT = / "[^"]*" would do\.$/; // how the server suggests the name that is used now

/** @typedef {import("../chat/room.js").Room} Room */

export class Deeds {
  #chat;
  #router;
  #navigation;
  #page;
  /** @type {{key: string, why: string} | null} a name that replaced one that cannot be, and why it cannot */
  #instead = null;

  /**
   * @param {object} given
   * @param {import("../chat/chat.js").Chat} given.chat
   * @param {import("./router.js").Router} given.router
   * @param {import("./navigation.js").Navigation} given.navigation
   * @param {Pick<import("./app.js").App, "toast" | "copy">} given.page
   */
  constructor({ chat, router, navigation, page }) {
    this.#chat = chat;
    this.#router = router;
    this.#navigation = navigation;
    this.#page = page;
    chat.rooms.refused.on((room, why, other) => this.#refused(room, why, other));
    chat.rooms.made.on((room) => this.#made(room));
    chat.rooms.barred.on((room, why, knock) => {
      this.#goFrom(room);
      if (knock) this.#page.toast.offer(why, "Ask to be let in", () => this.knock(room.name));
      else this.#page.toast.say(why);
    });
    keepDoor(chat.rooms, (room) => {
      chat.rooms.leave(room);
      this.#navigation.back();
    });
    chat.rooms.ended.on((room, putOut) => this.#ended(room, putOut));
  }

  /**
   * @param {Room} room
   * @param {string} why
   * @param {string | null} other
   */
  #refused(room, why, other) {
    const { room: name } = this.#router.place;
    this.#instead = other === null ? null : { key: keyOf(other), why: why.replace(HINT, "") };
    this.#page.toast.say(this.#instead ? `This is # ${safe(other ?? "")}. ${this.#instead.why}` : why);
    if (name && keyOf(name) === room.key) this.#router.replace(other);
  }

  /**
   * A room is new: its name may have been a slip of the keyboard.
   * @param {Room} room
   */
  #made(room) {
    const name = `# ${safe(room.name)}`;
    const why = this.#instead?.key === room.key && this.#instead.why;
    const sentence = why ? `Made as ${name}. ${why}` : `${name} is new: you have just made it.`;
    this.#instead = null;
    if (this.#chat.can("delete")) this.#page.toast.offer(sentence, "Undo", () => this.remove(room), true);
    else this.#page.toast.say(sentence);
  }

  /**
   * @param {Room} room
   * @param {boolean} putOut whether the user was put out; else the room was deleted
   */
  #ended(room, putOut) {
    const name = safe(room.label);
    this.#page.toast.say(putOut ? `You were put out of ${name}.` : `${name} is deleted.`);
    this.#goFrom(room);
  }

  /**
   * The user cannot be in a room any more.
   * @param {Room} room
   */
  #goFrom(room) {
    if (room !== this.#chat.rooms.current) return;
    this.#chat.rooms.visits.forget(room.name);
    this.#navigation.back();
  }

  /**
   * Leaves a room for good; who could not come back is asked before.
   * @param {Room} room
   */
  leave(room) {
    const shut = room.access === "members" && room.standing?.role !== "owner";
    if (shut) withDialogs(({ leaving }) => leaving(room.name, () => this.#leave(room, true)));
    else this.#leave(room, false);
  }

  /**
   * @param {Room} room
   * @param {boolean} shut whether the user cannot come back by themselves
   */
  #leave(room, shut) {
    const here = room === this.#chat.rooms.current;
    this.#chat.rooms.leave(room);
    if (here) this.#navigation.back();
    const said = `You have left # ${safe(room.name)}.`;
    if (shut) this.#page.toast.say(said);
    else this.#page.toast.offer(said, "Go back in", () => this.#router.go(room.name), true);
  }

  /**
   * Asks whom to invite into a room.
   * @param {Room} room
   */
  invite(room) {
    withDialogs(({ invite }) => invite(this.#chat, room, () => this.copyLink(room)));
  }

  /**
   * Asks the moderators of a private room to be let in.
   * @param {string} room
   */
  knock(room) {
    withDialogs(({ knock }) => knock(this.#chat.moderating, room, (sentence) => this.#page.toast.say(sentence)));
  }

  /**
   * Tells the moderators of a room that a message is bad.
   * @param {Room} room
   * @param {import("../text/kinds.js").Message} message
   */
  report(room, message) {
    withDialogs(({ report }) => report(this.#chat.moderating, room, message, (sentence) => this.#page.toast.say(sentence)));
  }

  /**
   * Shows what waits for the moderators of a room.
   * @param {Room} room
   */
  showQueue(room) {
    withDialogs(({ queue }) => queue(this.#chat, room, (seq) => this.#router.go(room.name, seq)));
  }

  /**
   * Shows what holds in a room; who may change it does so there.
   * @param {Room} room
   */
  showRules(room) {
    withDialogs((dialogs) => dialogs.room(this.#chat, room, (one) => this.#chat.rooms.remove(one)));
  }

  /**
   * Deletes a room, if the server allows it.
   * @param {Room} room
   */
  async remove(room) {
    const problem = await this.#chat.rooms.remove(room);
    if (problem) this.#page.toast.say(problem);
  }

  /**
   * Copies a link to a room, or to an event of it.
   * @param {Room} room
   * @param {number | null} seq
   */
  copyLink(room, seq = null) {
    const { href } = new URL(Router.hash(room.name, seq), location.href.replace(/#.*/, ""));
    const what = seq === null ? `# ${safe(room.name)}` : "the message";
    this.#page.copy(href, `A link to ${what} is copied.`);
  }
}
