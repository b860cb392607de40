/** What tells of news while one looks elsewhere: the tab's title and icon, and notifications. */
import { excerpt } from "./rows.js";
import { NOTIFY_WORDS } from "./notify-words.js";
import { Router } from "./router.js";
import { safe } from "../text/safe.js";

const GRACE_MS = 500; // so long another tab has to tell that the message is being read there
const SETTLED_MS = 50; // what comes within that time is counted once
const ICONS = { "": "/static/icon.svg", unread: "/static/icon-unread.svg", named: "/static/icon-named.svg" };

export class Attention {
  #chat;
  #settings;
  #icon = document.querySelector("link[rel=icon]");
  #onopen;
  #due = null; // the timer of the next count

  /** Each title costs a message to the browser's main process. */
  #countSoon = () => {
    this.#due ??= setTimeout(() => {
      this.#due = null;
      this.#count();
    }, SETTLED_MS);
  };

  constructor(chat, settings, onopen) {
    this.#chat = chat;
    this.#settings = settings;
    this.#onopen = onopen;
    chat.rooms.changed.on(this.#countSoon);
    chat.stateChanged.on(this.#countSoon);
    chat.arriving.news.on((room, events) => this.#notify(room, events));
  }

  /** Whether the person looks at the page now. */
  static get here() {
    return document.visibilityState === "visible" && document.hasFocus();
  }

  /**
   * Notifies of "off", "mentions" or "all" in a room from now on, if it may, or (null) of what it does in
   * all rooms; gives a sentence about it.
   */
  async choose(room, how) {
    const problem = (how ?? "off") === "off" ? "" : await this.#allow();
    if (!problem) this.#settings.setNotify(room.name, how);
    const { short } = NOTIFY_WORDS[this.#settings.notifyIn(room.name)];
    return problem || `Notifications in this room: ${how ? short : `as in all rooms (${short})`}.`;
  }

  /** Notifies of that in all rooms for which nothing else was chosen; gives a sentence if it may not. */
  async chooseEverywhere(how) {
    const problem = how === "off" ? "" : await this.#allow();
    this.#settings.set("notifyAll", problem ? "off" : how);
    return problem;
  }

  /** Whether the person was not asked yet, and can be. Slow: the permission is asked of another process. */
  get undecided() {
    return !this.#settings.notifyDecided && "Notification" in window && Notification.permission === "default";
  }

  /** Asks the browser for the right to notify; gives a sentence if it is refused. */
  async #allow() {
    if (!("Notification" in window) || !isSecureContext) {
      return "The browser has no notifications for this page: they need an address that begins with https.";
    }
    const answer = await Notification.requestPermission();
    if (answer === "granted") return "";
    if (answer === "default") return "The browser was not told yes or no. You can ask it again in the settings.";
    return "The browser does not allow this page to notify you. A click on the sign left of the address lets you allow it; then choose again in the settings.";
  }

  #count() {
    const rooms = [...this.#chat.rooms];
    const unread = rooms.reduce((sum, room) => sum + room.unread, 0);
    const named = rooms.some((room) => room.mentions > 0);
    const { current } = this.#chat.rooms;
    const count = unread ? `(${unread >= 1000 ? "1000+" : unread}${named ? " @" : ""}) ` : "";
    const title = `${count}${current ? `${safe(current.name)} · ` : ""}${safe(this.#chat.server)}`;
    if (document.title !== title) document.title = title;
    const icon = ICONS[named ? "named" : unread ? "unread" : ""];
    if (this.#icon.getAttribute("href") !== icon) this.#icon.setAttribute("href", icon);
  }

  #notify(room, events) {
    const how = this.#settings.notifyIn(room.name);
    if (how === "off" || !("Notification" in window)) return;
    if (Attention.here && room === this.#chat.rooms.current) return;
    const wanted = events.filter(
      (event) => this.#chat.reads(event) && (how === "all" || this.#chat.concerns(event)),
    );
    // Read last: the page stands still until the browser's main process has answered.
    if (wanted.length && Notification.permission === "granted") setTimeout(() => this.#show(room, wanted), GRACE_MS);
  }

  #show(room, wanted) {
    const event = wanted.at(-1);
    if (!this.#chat.awaits(room, event)) return;
    const more = wanted.length > 1 ? ` (and ${wanted.length - 1} more)` : "";
    // One notification a room: a second tab, and the next message, take its place.
    const options = { body: excerpt(event.text) + more, tag: `hubbub-${room.key}`, icon: ICONS[""] };
    try {
      const notification = new Notification(`${safe(event.by)} in ${safe(room.name)}`, options);
      notification.onclick = () => {
        window.focus();
        this.#onopen(room, event.seq);
        notification.close();
      };
    } catch {
      // Phones have notifications by the service worker only.
      navigator.serviceWorker?.ready.then((worker) =>
        worker.showNotification(`${safe(event.by)} in ${safe(room.name)}`, {
          ...options,
          data: `/${Router.hash(room.name, event.seq)}`,
        }),
      );
    }
  }
}
