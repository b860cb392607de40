/** Does what a sent text asks for: it is said, or it is a command (text/commands.js) and is carried out. */
import { barred } from "../chat/barred.js";
import { Room } from "../chat/room.js";
import { NOTIFY, THEMES } from "../keep/settings.js";
import { count, topicIn } from "../text/commands.js";
import { isMessage } from "../text/kinds.js";
import { keyOf } from "../text/names.js";
import { safe } from "../text/safe.js";
import { withDialogs } from "./more.js";

const HISTORY = 100;
const FULL = "Too many of your messages are waiting to be sent. Please send this one again in a while.";
const NO_PROFILES = "You are not connected now, or this server has no profiles.";
/** @type {Record<string, string>} what is said of commands that nobody sees in the room */
const TOLD = {
  report: "The moderators are told.",
  knock: "If there is such a room, its moderators are asked now.",
  settle: "Done.",
  "end-ticket": "The link is ended.",
  profile: "Done.",
};

/**
 * What is said of a command that changes whom others may see, or write to, in the words of all clients.
 * @param {object} asked
 */
function ofProfile(asked) {
  if ("accounts_only" in asked) return asked.accounts_only ? "Guests write to you alone no more, until you write to them." : "Guests may write to you alone.";
  if ("hides_seen" in asked) return asked.hides_seen ? "Nobody is told any more when you were here last." : "Others may be told when you were here last.";
  return "";
}

/**
 * @typedef {import("../keep/drafts.js").Reply} Reply
 * @typedef {import("../keep/settings.js").Notify} Notify
 */

export class Orders {
  #chat;
  #settings;
  #ignored;
  #commands;
  #router;
  #attention;
  #deeds;
  #page;

  /**
   * @param {object} given
   * @param {import("../chat/chat.js").Chat} given.chat
   * @param {import("../keep/settings.js").Settings} given.settings
   * @param {import("../keep/ignored.js").Ignored} given.ignored
   * @param {import("../text/commands.js").Commands} given.commands
   * @param {import("./router.js").Router} given.router
   * @param {import("./notifications.js").Notifications} given.attention
   * @param {import("./deeds.js").Deeds} given.deeds
   * @param {import("./app.js").App} given.page
   */
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

  /**
   * Takes what was written; false when it could not be done, and stays in the field.
   * @param {string} text
   * @param {Reply | null} reply
   * @param {boolean} [stays] the user reads on where they are
   */
  take(text, reply, stays = false) {
    const asked = this.#commands.read(text);
    if ("mistake" in asked) return this.#cannot(asked.mistake);
    if ("say" in asked) return this.#say(asked.say, reply, stays);
    return this.#does[asked.order](asked.argument) !== false;
  }

  /**
   * Chooses of which messages of the room the user is notified; null: of the same as in all rooms.
   * @param {Notify | null} how
   */
  async setNotify(how) {
    if (this.#room) this.#tell(await this.#attention.choose(this.#room, how));
  }

  /**
   * Changes the user's name; returns the error with which it was refused, or null.
   * @param {string} name
   */
  async rename(name) {
    const error = await this.#chat.login.rename(name);
    if (!error) this.#tell(`You are now ${safe(this.#chat.user)}.`);
    return error;
  }

  /**
   * Goes to the conversation with these people, and says something in it if there is a text; resolves to why that
   * cannot be, or null.
   * @param {string[]} names
   */
  async message(names, text = "") {
    try {
      const room = await this.#chat.talks.with(names);
      this.#router.go(room.name);
      if (text && this.#say(text, null) === false) this.#page.view.composer.putBack(text);
      return null;
    } catch (error) {
      this.#tell(/** @type {Error} */ (error).message);
      return /** @type {Error} */ (error);
    }
  }

  #showAccount() {
    if (!this.#chat.can("accounts")) return this.#cannot("You are not connected now, or this server has no accounts.");
    this.#page.showAccount();
    return true;
  }

  /** @param {string} code */
  #own(code) {
    const { account } = this.#chat;
    if (!this.#chat.can("accounts")) return this.#cannot("You are not connected now, or this server has no accounts.");
    if (!account.there) return this.#cannot("You are a guest here. To make an account: /register");
    account.own(code).then((error) => this.#tell(error?.message ?? "You own this server now."));
    return true;
  }

  /**
   * `/msg NAME TEXT`; several names are apart by commas.
   * @param {string} argument
   */
  #msg(argument) {
    const [, names, text] = /^(\S+)\s*([^]*)$/.exec(argument) ?? ["", "", ""];
    if (!this.#chat.online) return this.#cannot("You are not connected now. Try again when you are.");
    if (!this.#chat.can("direct")) return this.#cannot("This server has no direct conversations.");
    this.message(names.split(",").filter(Boolean), text.trim()).then((error) => error && this.#page.view.composer.putBack(`/msg ${argument}`));
    return true;
  }

  /**
   * Hides what somebody writes, or shows it again.
   * @param {string} name
   * @param {boolean} hidden
   */
  async setIgnored(name, hidden) {
    const { changed, everywhere, why } = await this.#chat.profile.ignore(name, hidden);
    const who = safe(name);
    if (why) return this.#tell(hidden ? `What ${who} writes is hidden in this browser alone. ${why}` : why);
    if (everywhere) {
      const shown = `What ${who} writes is shown again, and they can write to you alone.`;
      return this.#tell(hidden ? `What ${who} writes is hidden now, and they cannot write to you alone. /unignore ${who} ends it.` : shown);
    }
    const unseen = this.#wasSeen(name) ? "" : " Nobody of that name was seen so far.";
    if (hidden) this.#tell(changed ? `What ${who} writes is hidden now. /unignore ${who} shows it again.${unseen}` : `What ${who} writes is hidden already.`);
    else this.#tell(changed ? `What ${who} writes is shown again.` : `What ${who} writes was not hidden.`);
  }

  /**
   * Whether somebody of that name is in one of the user's rooms, or has said something there lately.
   * @param {string} name
   */
  #wasSeen(name) {
    const key = keyOf(name);
    return [...this.#chat.rooms].some(({ members, window }) => members.has(key) || window.tail.some(({ by }) => keyOf(by) === key));
  }

  /** @param {string} name */
  async #nick(name) {
    const error = await this.rename(name);
    if (error) this.#tell(error.message);
  }

  /** @type {Record<string, (argument: string) => unknown>} false: it could not be done */
  #does = {
    join: (name) => this.#join(name),
    leave: (name) => this.#leave(name),
    delete: (name) => this.#delete(name),
    read: (which) => this.#read(which),
    rooms: (words) => this.#listRooms(words),
    who: () => this.#page.showMembers(),
    topic: (text) => this.#topic(text),
    nick: (name) => this.#nick(name),
    me: (text) => this.#say(`*${this.#chat.user} ${text}*`, null),
    reply: (argument) => this.#reply(argument),
    msg: (argument) => this.#msg(argument),
    register: () => this.#showAccount(),
    password: () => this.#showAccount(),
    devices: () => this.#showAccount(),
    search: (query) => this.#page.openSearch(query),
    history: (number) => this.#goBack(count(number) ?? HISTORY),
    clear: () => this.#clear(),
    discard: () => this.#discard(),
    theme: (name) => this.#theme(name),
    alerts: (how) => this.#alerts(how),
    ignore: (name) => this.#ignore(name),
    unignore: (name) => this.setIgnored(name, false),
    whois: (name) => this.#whois(name),
    away: (note) => this.setStatus("away", note),
    busy: (note) => this.setStatus("busy", note),
    back: () => this.setStatus("here"),
    about: (text) => this.#about(text),
    seen: (argument) => this.#ask("seen", argument),
    strangers: (argument) => this.#ask("strangers", argument),
    logout: () => this.#showAccount(),
    factor: () => this.#showAccount(),
    "close-account": () => this.#showAccount(),
    own: (code) => this.#own(code),
    link: (argument) => this.#ask("link", argument),
    links: () => this.#ask("links", ""),
    unlink: (argument) => this.#ask("unlink", argument),
    "reset-link": (argument) => this.#ask("reset-link", argument),
    rules: () => this.#room && this.#deeds.showRules(this.#room),
    access: (argument) => this.#ask("access", argument),
    speak: (argument) => this.#ask("speak", argument),
    slow: (argument) => this.#ask("slow", argument),
    guests: (argument) => this.#ask("guests", argument),
    archive: (argument) => this.#ask("archive", argument),
    "rename-room": (argument) => this.#ask("rename-room", argument),
    invite: (argument) => this.#ask("invite", argument),
    role: (argument) => this.#ask("role", argument),
    kick: (argument) => this.#ask("kick", argument),
    ban: (argument) => this.#ask("ban", argument),
    "ban-network": (argument) => this.#ask("ban-network", argument),
    unban: (argument) => this.#ask("unban", argument),
    mute: (argument) => this.#ask("mute", argument),
    unmute: (argument) => this.#ask("unmute", argument),
    bans: (argument) => this.#ask("bans", argument),
    filter: (argument) => this.#ask("filter", argument),
    unfilter: (argument) => this.#ask("unfilter", argument),
    past: (argument) => this.#ask("past", argument),
    keep: (argument) => this.#ask("keep", argument),
    newcomers: (argument) => this.#ask("newcomers", argument),
    topics: (argument) => this.#ask("topics", argument),
    outside: (argument) => this.#ask("outside", argument),
    most: (argument) => this.#ask("most", argument),
    exempt: (argument) => this.#ask("exempt", argument),
    unexempt: (argument) => this.#ask("unexempt", argument),
    uninvite: (argument) => this.#ask("uninvite", argument),
    queue: () => this.#room && this.#deeds.showQueue(this.#room),
    approve: (argument) => this.#ask("approve", argument),
    refuse: (argument) => this.#ask("refuse", argument),
    edit: (text) => this.#edit(text),
    undo: (name) => this.#undo(name),
    react: (argument) => this.#ask("react", argument),
    unreact: (argument) => this.#ask("unreact", argument),
    pin: (argument) => this.#ask("pin", argument),
    unpin: (argument) => this.#ask("unpin", argument),
    pins: () => this.#page.openPins(),
    report: (argument) => this.#ask("report", argument),
    knock: (argument) => this.#ask("knock", argument),
    audit: (argument) => this.#ask("audit", argument),
    server: (argument) => this.#ask("server", argument),
    help: () => withDialogs(({ help }) => help(this.#commands.all)),
    quit: () => this.#page.quit(),
  };

  /**
   * Shows the user to others as here, away or busy.
   * @param {import("../chat/profile.js").Status} status
   * @param {string} note why
   */
  setStatus(status, note = "") {
    const silent = status === "busy" ? ", and nothing alerts you" : "";
    return this.#sayOfMe({ status, note }, status === "here" ? "You are back." : `Others see you as ${status}${silent}. /back ends it.`);
  }

  /** @param {string} text */
  #about(text) {
    const { about } = this.#chat.profile;
    if (!text) return this.#tell(about ? `About you: ${safe(about)}` : "You have said nothing about yourself. Type /about and a line.");
    const line = topicIn(text);
    return this.#sayOfMe({ about: line }, line ? "Who asks is told that now." : "Nothing is told about you any more.");
  }

  /**
   * Changes the user's profile.
   * @param {import("../chat/profile.js").Said} said
   * @param {string} done
   */
  #sayOfMe(said, done) {
    if (!this.#chat.profile.there) return this.#cannot(this.#chat.account.there ? NO_PROFILES : "Only who has an account can do that. Type /register to get one.");
    this.#chat.profile.set(said).then((error) => this.#tell(error?.message ?? done));
    return true;
  }

  /** @param {string} name */
  #whois(name) {
    if (!this.#chat.can("profiles")) return this.#cannot(NO_PROFILES);
    this.#page.showPerson(name.replace(/^@/, ""));
    return true;
  }

  /**
   * Changes what the user said last: it waits as a text does, if that is known here.
   * @param {string} text
   */
  #edit(text) {
    const room = this.#room;
    const last = room && this.#chat.amending.lastOwn(room);
    if (!last) return this.#ask("edit", text);
    this.#chat.amending.edit(room, last, text);
    return true;
  }

  /** @param {string} name whose last message is taken back; "" for the user's own */
  #undo(name) {
    const room = this.#room;
    const own = !name || keyOf(name.replace(/^@/, "")) === keyOf(this.#chat.user);
    const last = room && own && room.window.tail.findLast((event) => this.#chat.isMine(event) && this.#chat.amending.mayRedact(room, event));
    if (!last) return this.#ask("undo", name);
    this.#chat.amending.redact(room, last);
    this.#page.view.composer.forgetSent(room, last.text ?? "");
    return true;
  }

  get #room() {
    return this.#chat.rooms.current;
  }

  /** @param {string} sentence */
  #tell(sentence) {
    this.#page.toast.say(sentence);
  }

  /** @param {string} why */
  #cannot(why) {
    this.#tell(why);
    return false;
  }

  /**
   * @param {string} text
   * @param {Reply | null} reply
   * @param {boolean} [stays]
   */
  #say(text, reply, stays = false) {
    const why = this.#room && this.#whySilent(this.#room);
    if (why) return this.#cannot(why);
    const room = this.#room;
    const { uploads } = this.#chat;
    if (room && !stays && uploads.of(room).length) uploads.post(room, text.trim() ? text : "", reply);
    else if (!room || !this.#chat.say(room, text, reply)) return this.#cannot(FULL);
    if (!stays) this.#page.view.timeline.goToNewest();
    return true;
  }

  /**
   * Why the user cannot write in a room now, or "".
   * @param {Room} room
   */
  #whySilent(room) {
    const { moderating } = this.#chat;
    const why = room.stage === "in" ? moderating.whyNot("speak", room) : null;
    if (why && room.standing?.muted) moderating.lookAgain(room); // that may be over
    if (why) return why;
    return room.wait ? barred(moderating, room).sentence : "";
  }

  /**
   * Asks the server for what a command of rights and moderation means.
   * @param {string} order
   * @param {string} argument
   */
  #ask(order, argument) {
    const room = this.#room;
    if (!room) return true;
    if (!this.#chat.online) return this.#cannot("You are not connected now. Try again when you are.");
    withDialogs(({ deed, bans, filters, audit, madeLink, links }) => {
      const asked = deed(this.#commands, order, argument, room.name);
      if ("error" in asked) {
        this.#tell(String(asked.error));
        this.#page.view.composer.putBack(`/${order} ${argument}`);
        return;
      }
      const { moderating } = this.#chat;
      const told = ofProfile(asked) || (Object.hasOwn(TOLD, asked.type) ? TOLD[asked.type] : "");
      const where = asked.room === room.name ? `# ${safe(room.name)}` : "the whole server";
      const read = order === "server" ? this.#commands.read(`/${argument.replace(/^\//, "")}`) : { order };
      if (asked.type === "bans" && "order" in read && read.order === "filter") filters(moderating, String(asked.room), where);
      else if (asked.type === "bans") bans(moderating, String(asked.room), where);
      else if (asked.type === "make-ticket") madeLink(moderating, asked, (why) => this.#tell(why));
      else if (asked.type === "tickets") links(moderating, String(asked.room), where);
      else if (asked.type === "audit") audit(moderating, String(asked.room), where);
      else {
        const elsewhere = asked.room !== room.name; // asked now: the room may be called otherwise when it is done
        moderating.do(asked).then((why) => (why || told || elsewhere) && this.#tell(why || told || "Done, on the whole server."));
      }
    });
    return true;
  }

  /**
   * Goes to a room that exists; about another one the user is asked, in the list of rooms.
   * @param {string} argument the room, and a password if it asks for one
   */
  async #join(argument) {
    const { rooms } = this.#chat;
    const [, first, rest] = /^(\S+)\s*([^]*)$/.exec(argument) ?? ["", argument, ""];
    const locked = rooms.directory.list.some((one) => one.access === "locked" && keyOf(one.name) === keyOf(first));
    const [name, password] = locked ? [first, rest] : [argument, ""]; // a name with a space in it is asked about
    const same = (/** @type {{name: string}} */ one) => keyOf(one.name) === keyOf(name);
    const known = rooms.get(keyOf(name)) ?? rooms.directory.list.find(same);
    const found = known ?? (this.#chat.online && (await rooms.directory.find(name))?.rooms.find(same));
    if (found || !this.#chat.online) {
      const room = rooms.want(found ? found.name : name);
      if (password && room.stage === "out") await rooms.unlock(room, password);
      if (rooms.get(room.key) === room) this.#router.go(room.name);
      return;
    }
    this.#page.lobby.wanted = name;
    this.#page.lobby.asking = true;
    this.#router.go(null);
  }

  /** @param {string} name */
  #leave(name) {
    const room = name ? this.#chat.rooms.get(keyOf(name)) : this.#room;
    if (!room) return this.#cannot(`You are not in ${name}.`);
    if (room.direct) return this.#cannot("A direct conversation stays with all who are in it. To hear less of it: /alerts off");
    this.#deeds.leave(room);
    return true;
  }

  /**
   * Deletes a room, also one in which the user is not; the server says why that cannot be.
   * @param {string} name
   */
  #delete(name) {
    const room = name ? (this.#chat.rooms.get(keyOf(name)) ?? new Room(name)) : this.#room;
    if (this.#chat.online && !this.#chat.can("delete")) return this.#cannot("No room can be deleted on this server.");
    if (room) this.#deeds.remove(room);
    return true;
  }

  /** @param {string} which */
  #read(which) {
    this.#page.press(which ? "mark-all" : "mark-read");
    if (!which && this.#room) this.#tell(`${safe(this.#room.label)} is marked as read.`);
  }

  /** @param {string} text */
  #topic(text) {
    if (!this.#room) return true;
    const { name, state, direct } = this.#room;
    if (direct) return this.#cannot("A direct conversation has no topic.");
    if (!text) {
      this.#tell(state.topic ? `The topic of # ${safe(name)}: ${safe(state.topic)}` : `# ${safe(name)} has no topic.`);
      return true;
    }
    if (!this.#chat.online) return this.#cannot("You are not connected now. Try again when you are.");
    this.#chat.rooms.setTopic(this.#room, topicIn(text));
    return true;
  }

  /** @param {string} words */
  #listRooms(words) {
    this.#page.lobby.wanted = words;
    this.#router.go(null);
  }

  /** @param {string} argument */
  #reply(argument) {
    const [, name, text] = /^(\S+)\s*([^]*)$/.exec(argument) ?? ["", "", ""];
    const events = this.#room?.window.tail.filter(isMessage) ?? [];
    const event = events.findLast((one) => one.text && keyOf(one.by) === keyOf(name));
    if (!event) return this.#cannot(`${name} has said nothing here lately.`);
    return this.#say(text, { seq: event.seq, by: event.by, by_id: event.by_id, text: event.text });
  }

  /** @param {number} count */
  #goBack(count) {
    const room = this.#room;
    if (!room) return;
    room.cleared = 0;
    this.#page.view.timeline.goTo(Math.max(1, (room.cursor ?? 0) - count + 1));
  }

  #clear() {
    const room = this.#room;
    if (!room) return;
    room.cleared = room.cursor ?? 0;
    room.place = null;
    room.window.showNewest();
    this.#chat.rooms.roomChanged.emit(room);
  }

  #discard() {
    const count = this.#room ? this.#chat.queue.discardFailed(this.#room.key) : 0;
    const messages = count === 1 ? "1 message was" : `${count.toLocaleString()} messages were`;
    this.#tell(count ? `${messages} thrown away.` : "All of your messages in this room were sent.");
  }

  /** @param {string} name */
  #theme(name) {
    const next = THEMES[(THEMES.indexOf(this.#settings.theme) + 1) % THEMES.length];
    this.#settings.set("theme", name || next);
  }

  /** @param {string} name */
  #ignore(name) {
    if (!name) {
      const names = this.#ignored.names.map(safe);
      this.#tell(names.length ? `You see nothing of what these people write: ${names.join(", ")}.` : "You ignore nobody.");
    } else if (keyOf(name) === keyOf(this.#chat.user)) return this.#cannot("That is you. You cannot ignore yourself.");
    else this.setIgnored(name, true);
    return true;
  }

  /** @param {string} how */
  #alerts(how) {
    const chosen = NOTIFY.find((one) => one === how);
    const now = this.#settings.notifyIn(this.#room?.name ?? "");
    if (chosen) this.setNotify(chosen);
    else this.#tell(`Notifications in this room: ${now}. /alerts takes ${NOTIFY.join(", ")}.`);
  }
}
