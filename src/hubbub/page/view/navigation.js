/** How the user goes from room to room: to the one above or below, the next with news, the next mention. */

/** @typedef {import("../chat/room.js").Room} Room */

export class Navigation {
  #chat;
  #router;
  #page;
  /** @type {Map<Room, number>} the last mention in each room to which the user was led */
  #met = new Map();

  /**
   * @param {object} given
   * @param {import("../chat/chat.js").Chat} given.chat
   * @param {import("./router.js").Router} given.router
   * @param {Pick<import("./app.js").App, "sidebar" | "toast">} given.page
   */
  constructor({ chat, router, page }) {
    this.#chat = chat;
    this.#router = router;
    this.#page = page;
  }

  /**
   * Goes to the room below in the list, or (`step` is -1) above; with `unread` to the next one that has news.
   * @param {1 | -1} step
   */
  toRoom(step, unread = false) {
    const next = this.#others(step).find((room) => !unread || room.unread);
    if (next) this.#router.go(next.name);
    else if (unread) this.#page.toast.say("There is nothing new in your other rooms.");
  }

  /** Goes to the room that was shown last; if there is none, to the list of rooms. */
  back() {
    this.#router.go(this.#chat.rooms.visits.last);
  }

  /** Goes to the next unread mention: in this room, or else in the next one that has any. */
  async toMention() {
    const { current } = this.#chat.rooms;
    for (const room of [...(current ? [current] : []), ...this.#others(1)]) {
      if (room.mentions && (await this.#toMentionIn(room))) return;
    }
    this.#met.clear(); // the next time it begins anew
    this.#page.toast.say("Nobody else has mentioned you since you last read.");
  }

  /** @param {Room} room */
  async #toMentionIn(room) {
    const after = Math.max(room.read ?? 0, this.#met.get(room) ?? 0);
    const event = await this.#chat.history.find(room, after, (one) => this.#chat.concerns(room, one) && this.#chat.awaits(room, one));
    if (!event) return false;
    this.#met.set(room, event.seq);
    this.#router.go(room.name, event.seq);
    return true;
  }

  /**
   * The other rooms, in the order in which they follow the one that is shown.
   * @param {1 | -1} step
   */
  #others(step) {
    const rooms = this.#page.sidebar.rooms();
    if (step < 0) rooms.reverse();
    const { current } = this.#chat.rooms;
    const place = current ? rooms.indexOf(current) : -1;
    return [...rooms.slice(place + 1), ...rooms.slice(0, Math.max(place, 0))];
  }
}
