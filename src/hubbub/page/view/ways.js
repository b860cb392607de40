/** The ways from room to room: the one above or below, the next with news, the next mention of the person. */

export class Ways {
  #chat;
  #router;
  #page;
  #met = new Map(); // by room: the last mention that one was led to

  /** `page` has the elements `sidebar`, `view` and `toast`. */
  constructor({ chat, router, page }) {
    this.#chat = chat;
    this.#router = router;
    this.#page = page;
  }

  /** To the room that is `step` places below in the list; with `unread` to one that has news. */
  toRoom(step, unread = false) {
    const next = this.#others(step).find((room) => !unread || room.unread);
    if (next) this.#router.go(next.name);
    else if (unread) this.#page.toast.say("There is nothing new in your other rooms.");
  }

  /** To the room where one was last. */
  back() {
    const { last } = this.#chat.rooms.visits;
    if (last) this.#router.go(last);
    else this.#router.go(null);
  }

  /** To the next unread message that mentions one: in this room, else in the next one that has any. */
  async toMention() {
    const { current } = this.#chat.rooms;
    for (const room of [...(current ? [current] : []), ...this.#others(1)]) {
      if (room.mentions && (await this.#toMentionIn(room))) return;
    }
    this.#met.clear(); // the next time it begins anew
    this.#page.toast.say("Nobody else has mentioned you since you last read.");
  }

  async #toMentionIn(room) {
    const after = Math.max(room.read, this.#met.get(room) ?? 0);
    const meant = (event) => this.#chat.concerns(event) && this.#chat.awaits(room, event);
    const event = await this.#chat.history.find(room, after, meant);
    if (!event) return false;
    this.#met.set(room, event.seq);
    this.#router.go(room.name, event.seq);
    return true;
  }

  /** The other rooms, as one meets them from here on. */
  #others(step) {
    const rooms = this.#page.sidebar.rooms();
    if (step < 0) rooms.reverse();
    const place = rooms.indexOf(this.#chat.rooms.current);
    return [...rooms.slice(place + 1), ...rooms.slice(0, Math.max(place, 0))];
  }
}
