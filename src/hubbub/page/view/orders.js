/** What becomes of a text that is sent: it is said, or it is a command (text/commands.js) and is done. */
import { THEMES } from "../keep/settings.js";
import { count } from "../text/commands.js";
import { isMessage } from "../text/kinds.js";
import { keyOf } from "../text/names.js";
import { safe } from "../text/safe.js";
import { showHelp } from "./dialogs.js";

const HISTORY = 100;

export class Orders {
  #chat;
  #settings;
  #ignored;
  #commands;
  #router;
  #attention;
  #deeds;
  #page;

  /** `page` has the elements it consists of, and the methods `press`, `showMembers`, `openSearch` and `quit`. */
  constructor({ chat, settings, ignored, commands, router, attention, deeds, page }) {
    this.#chat = chat;
    this.#settings = settings;
    this.#ignored = ignored;
    this.#commands = commands;
    this.#router = router;
    this.#attention = attention;
    this.#deeds = deeds;
    this.#page = page;
  }

  /** Takes what was written; false when it could not be done, and stays in the field. */
  take(text, reply) {
    const { say, mistake, order, argument } = this.#commands.read(text);
    if (mistake) return this.#cannot(mistake);
    if (say !== undefined) return this.#say(say, reply);
    return this.#does[order](argument) !== false;
  }

  /** Chooses what one is notified of in the room; null: what one is in all rooms. */
  async setNotify(how) {
    this.#tell(await this.#attention.choose(this.#room, how));
  }

  /** Goes by another name; gives the error that it was refused with, or null. */
  async rename(name) {
    const error = await this.#chat.rename(name);
    if (!error) this.#tell(`You are now ${safe(this.#chat.user)}.`);
    return error;
  }

  /** Hides what somebody writes, or shows it again. */
  setIgnored(name, hidden) {
    const changed = this.#ignored.set(name, hidden);
    const who = safe(name);
    const unseen = this.#wasSeen(name) ? "" : " Nobody of that name was seen so far.";
    if (hidden) this.#tell(changed ? `What ${who} writes is hidden now. /unignore ${who} shows it again.${unseen}` : `What ${who} writes is hidden already.`);
    else this.#tell(changed ? `What ${who} writes is shown again.` : `What ${who} writes was not hidden.`);
  }

  /** Whether somebody of that name is, or has said something lately, in one of one's rooms. */
  #wasSeen(name) {
    const key = keyOf(name);
    const saw = ({ members, window }) => members.has(key) || window.tail.some(({ by }) => keyOf(by) === key);
    return [...this.#chat.rooms].some(saw);
  }

  async #nick(name) {
    const error = await this.rename(name);
    if (error) this.#tell(error.message);
  }

  #does = {
    join: (name) => this.#join(name),
    leave: (name) => this.#leave(name),
    delete: (name) => this.#delete(name),
    read: (which) => this.#read(which),
    rooms: (words) => this.#listRooms(words),
    who: () => this.#page.showMembers(),
    nick: (name) => this.#nick(name),
    me: (text) => this.#say(`*${this.#chat.user} ${text}*`, null),
    reply: (argument) => this.#reply(argument),
    search: (query) => this.#page.openSearch(query),
    history: (number) => this.#goBack(count(number) ?? HISTORY),
    clear: () => this.#clear(),
    discard: () => this.#discard(),
    theme: (name) => this.#theme(name),
    alerts: (how) => this.#alerts(how),
    ignore: (name) => this.#ignore(name),
    unignore: (name) => this.setIgnored(name, false),
    help: () => showHelp(this.#commands.all),
    quit: () => this.#page.quit(),
  };

  get #room() {
    return this.#chat.rooms.current;
  }

  #tell(sentence) {
    this.#page.toast.say(sentence);
  }

  #cannot(why) {
    this.#tell(why);
    return false;
  }

  #say(text, reply) {
    const said = this.#chat.say(this.#room, text, reply);
    if (!said) return this.#cannot("Too many of your messages are waiting to be sent. Please send this one again in a while.");
    this.#page.view.timeline.goToNewest();
    return true;
  }

  /** A room that is there is entered; one that is not is asked about, in the list of rooms. */
  async #join(name) {
    const { rooms } = this.#chat;
    const same = (one) => keyOf(one.name) === keyOf(name);
    const known = rooms.get(keyOf(name)) ?? rooms.directory.list.find(same);
    const found = known ?? (this.#chat.online && (await rooms.directory.find(name))?.rooms.find(same));
    if (found || !this.#chat.online) {
      this.#router.go(found ? found.name : name);
      return;
    }
    this.#page.lobby.wanted = name;
    this.#page.lobby.asking = true;
    this.#router.go(null);
  }

  #leave(name) {
    const room = name ? this.#chat.rooms.get(keyOf(name)) : this.#room;
    if (!room) return this.#cannot(`You are not in ${name}.`);
    this.#deeds.leave(room);
    return true;
  }

  /** Deletes a room, also one in which one is not; the server says why that cannot be. */
  #delete(name) {
    const room = name ? (this.#chat.rooms.get(keyOf(name)) ?? { name, key: keyOf(name) }) : this.#room;
    if (this.#chat.online && !this.#chat.can("delete")) return this.#cannot("No room can be deleted on this server.");
    this.#deeds.remove(room);
    return true;
  }

  #read(which) {
    this.#page.press(which ? "mark-all" : "mark-read");
    if (!which) this.#tell(`# ${safe(this.#room.name)} is marked as read.`);
  }

  #listRooms(words) {
    this.#page.lobby.wanted = words;
    this.#router.go(null);
  }

  #reply(argument) {
    const [, name, text] = /^(\S+)\s*([^]*)$/.exec(argument);
    const events = this.#room.window.tail;
    const event = events.findLast((one) => isMessage(one) && keyOf(one.by) === keyOf(name));
    if (!event) return this.#cannot(`${name} has said nothing here lately.`);
    return this.#say(text, { seq: event.seq, by: event.by, text: event.text });
  }

  #goBack(count) {
    const room = this.#room;
    room.cleared = 0;
    this.#page.view.timeline.goTo(Math.max(1, room.cursor - count + 1));
  }

  #clear() {
    const room = this.#room;
    room.cleared = room.cursor ?? 0;
    room.place = null;
    room.window.showNewest();
    this.#chat.rooms.roomChanged.emit(room);
  }

  #discard() {
    const count = this.#chat.queue.discardFailed(this.#room.key);
    const messages = count === 1 ? "1 message was" : `${count.toLocaleString()} messages were`;
    this.#tell(count ? `${messages} thrown away.` : "All of your messages in this room were sent.");
  }

  #theme(name) {
    const next = THEMES[(THEMES.indexOf(this.#settings.theme) + 1) % THEMES.length];
    this.#settings.set("theme", name || next);
  }

  #ignore(name) {
    if (!name) {
      const names = this.#ignored.names.map(safe);
      this.#tell(names.length ? `You see nothing of what these people write: ${names.join(", ")}.` : "You ignore nobody.");
    } else if (keyOf(name) === keyOf(this.#chat.user)) return this.#cannot("That is you. You cannot ignore yourself.");
    else this.setIgnored(name, true);
    return true;
  }

  #alerts(how) {
    const { choices } = this.#commands.meant("alerts");
    if (how) this.setNotify(how);
    else this.#tell(`Notifications in this room: ${this.#settings.notifyIn(this.#room.name)}. /alerts takes ${choices.join(", ")}.`);
  }
}
