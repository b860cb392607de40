/** The browser's notifications of new messages: of which ones, and the permission for it. */
import { PLACE } from "../keep/place.js";
import { quotable } from "../text/attached.js";
import { excerpt } from "../text/excerpt.js";
import { safe } from "../text/safe.js";
import { NOTIFY_WORDS } from "./notify-words.js";
import { Router } from "./router.js";

const GRACE_MS = 500; // within it another tab can say that the message is being read there
const ICON = "static/icon.svg";

/**
 * @typedef {import("../chat/room.js").Room} Room
 * @typedef {import("../text/kinds.js").LogEvent} LogEvent
 * @typedef {import("../text/kinds.js").Message} Message
 * @typedef {import("../keep/settings.js").Notify} Notify
 */

/** Whether the user looks at the page now. */
export const isWatched = () => document.visibilityState === "visible" && document.hasFocus();

export class Notifications {
  #chat;
  #settings;
  #onopen;
  /** @type {Map<Room, {seq: number, close: () => void, renew: () => void}>} the last one of each room that may be there yet, by its message */
  #last = new Map();

  /**
   * @param {import("../chat/chat.js").Chat} chat
   * @param {import("../keep/settings.js").Settings} settings
   * @param {(room: Room, seq: number) => void} onopen goes to the message of a notification that was clicked
   */
  constructor(chat, settings, onopen) {
    this.#chat = chat;
    this.#settings = settings;
    this.#onopen = onopen;
    chat.arriving.news.on((room, events) => this.#notify(room, events));
    chat.arriving.took.on((room, events) => {
      // What was taken back, or is said otherwise now, does not stay on the desktop.
      const last = this.#last.get(room);
      const changes = last ? events.filter(({ target }) => target === last.seq) : [];
      if (changes.some(({ kind }) => kind === "redacted")) last?.close();
      else if (changes.some(({ kind }) => kind === "edited")) last?.renew();
    });
    chat.skipped.on((room) => this.#last.get(room)?.close());
  }

  /**
   * Notifies of these messages in a room from now on, if the browser allows it; null: of the same as in all
   * rooms. Returns a sentence about it.
   * @param {Room} room
   * @param {Notify | null} how
   */
  async choose(room, how) {
    const problem = (how ?? "off") === "off" ? "" : await this.#allow();
    if (!problem) this.#settings.setNotify(room.name, how);
    const { short } = NOTIFY_WORDS[this.#settings.notifyIn(room.name)];
    return problem || `Notifications in this room: ${how ? short : `as in all rooms (${short})`}.`;
  }

  /**
   * Notifies of these messages in all rooms that have no choice of their own. Returns why the browser does
   * not allow it, or "".
   * @param {Notify} how
   */
  async chooseEverywhere(how) {
    const problem = how === "off" ? "" : await this.#allow();
    this.#settings.set("notifyAll", problem ? "off" : how);
    return problem;
  }

  /** Whether the user was not asked yet, and can be. Slow: another process knows the permission. */
  get undecided() {
    return !this.#settings.notifyDecided && "Notification" in window && Notification.permission === "default";
  }

  /** Asks the browser for the permission to notify. Returns why it is refused, or "". */
  async #allow() {
    if (!("Notification" in window) || !isSecureContext) {
      return "The browser has no notifications for this page: they need an address that begins with https.";
    }
    const answer = await Notification.requestPermission();
    if (answer === "granted") return "";
    if (answer === "default") return "The browser was not told yes or no. You can ask it again in the settings.";
    return "The browser does not allow this page to notify you. A click on the sign left of the address lets you allow it; then choose again in the settings.";
  }

  /**
   * @param {Room} room
   * @param {LogEvent[]} events
   */
  #notify(room, events) {
    const how = this.#chat.profile.status === "busy" ? "off" : this.#settings.notifyIn(room.name);
    if (how === "off" || !("Notification" in window)) return;
    if (isWatched() && room === this.#chat.rooms.current) return;
    const wanted = events.filter((event) => this.#chat.reads(event)).filter((event) => how === "all" || this.#chat.concerns(room, event));
    // The permission is looked up last: the page stands still until the browser's main process has answered.
    if (wanted.length && Notification.permission === "granted") setTimeout(() => this.#show(room, wanted), GRACE_MS);
  }

  /**
   * @param {Room} room
   * @param {Message[]} wanted at least one
   */
  #show(room, wanted) {
    const { seq } = wanted[wanted.length - 1];
    const event = room.window.find(seq) ?? wanted[wanted.length - 1]; // it may have been changed meanwhile
    if (event.redacted || !this.#chat.awaits(room, event)) return;
    this.#put(room, event, wanted.length > 1 ? ` (and ${wanted.length - 1} more)` : "");
  }

  /**
   * @param {Room} room
   * @param {LogEvent} event
   * @param {string} more
   */
  #put(room, event, more) {
    const { seq } = event;
    const title = room.direct && room.people.length < 2 ? safe(event.by) : `${safe(event.by)} in ${safe(room.title)}`;
    // One notification for each room: a second tab's, and the next message's, replaces it.
    const tag = `hubbub${PLACE}-${room.key}`;
    const options = { body: excerpt(quotable(event)) + more, tag, icon: ICON };
    const again = () => this.#put(room, room.window.find(seq) ?? event, more); // of the same tag: it makes no noise
    try {
      const notification = new Notification(title, options);
      const last = { seq, close: () => notification.close(), renew: again };
      notification.onclick = () => {
        window.focus();
        this.#onopen(room, seq);
        notification.close();
      };
      notification.onclose = () => this.#last.get(room) === last && this.#last.delete(room);
      this.#last.set(room, last);
    } catch {
      // On phones only the service worker can notify.
      const data = Router.hash(room.name, seq);
      const worker = navigator.serviceWorker?.ready;
      worker?.then((ready) => ready.showNotification(title, { ...options, data }));
      const shown = async () => (await (await worker)?.getNotifications({ tag })) ?? [];
      const close = async () => (await shown()).forEach((one) => one.close());
      this.#last.set(room, { seq, close, renew: async () => (await shown()).length && again() });
    }
  }
}
