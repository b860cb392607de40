/** The page: which part of it is shown, and what its buttons, keys and commands do. */
import { THEMES, NOTIFY } from "../keep/settings.js";
import { read } from "../text/commands.js";
import { keyOf } from "../text/names.js";
import { Attention } from "./attention.js";
import { copy } from "./clipboard.js";
import { showHelp, showSettings } from "./dialogs.js";
import { el } from "./dom.js";
import { Router } from "./router.js";
import "./announcer.js";
import "./lobby.js";
import "./members.js";
import "./room-view.js";
import "./search.js";
import "./sidebar.js";
import "./welcome.js";

const WIDE = matchMedia("(min-width: 1100px)");
const HISTORY = 100;

export class App extends HTMLElement {
  #chat;
  #settings;
  #router = new Router();
  #attention;
  #welcome = document.createElement("hub-welcome");
  #announcer = document.createElement("hub-announcer");
  toast = document.createElement("hub-toast");

  attach(chat, settings) {
    this.#chat = chat;
    this.#settings = settings;
    this.#attention = new Attention(chat, settings, (room, seq) => this.#router.go(room.name, seq));
    this.#welcome.onname = (name) => chat.introduce(name);
    this.sidebar = document.createElement("hub-sidebar").attach(chat);
    this.lobby = document.createElement("hub-lobby").attach(chat);
    this.view = document.createElement("hub-room").attach(chat);
    this.members = document.createElement("hub-members").attach(chat);
    this.search = document.createElement("hub-search").attach(chat);
    this.lobby.onroom = (name) => this.#router.go(name);
    this.view.composer.onsend = (text, reply) => this.#send(text, reply);
    this.#router.changed.on(() => this.#show());
    chat.stateChanged.on(() => this.#stateChanged());
    chat.nameRefused.on((error) => this.#askName(error));
    chat.roomRefused.on((room, why, other) => this.#roomRefused(room, why, other));
    chat.notice.on((sentence) => this.toast.say(sentence));
    chat.roomChanged.on((room) => room === chat.current && this.#correctAddress(room));
    chat.news.on((room, events) => this.#tell(room, events));
    this.addEventListener("click", (event) => this.#clicked(event));
    document.addEventListener("keydown", (event) => this.#key(event));
    WIDE.addEventListener("change", () => this.#arrange());
    this.main = el("main", { id: "main" }, this.lobby, this.view);
    this.members.hidden = this.search.hidden = true;
    return this;
  }

  /** Shows what the address says; asks for the name first. */
  begin() {
    if (!this.#chat.rememberedName || this.#chat.state === "idle") this.#askName();
    else this.#show();
  }

  #askName(error = null) {
    this.replaceChildren(el("main", { id: "main" }, this.#welcome), this.toast);
    this.#welcome.show(this.#chat.rememberedName, error);
  }

  get #inside() {
    return this.sidebar.isConnected;
  }

  #stateChanged() {
    const { state } = this.#chat;
    if (state === "online" && !this.#inside) this.#show();
    else if (state === "waiting" && !this.#inside) {
      this.#welcome.show("", { message: "The server cannot be reached. Trying again…" });
      this.#welcome.busy = true;
    }
  }

  #show() {
    if (this.#chat.state === "idle") return;
    if (!this.#inside) {
      const skip = el("a", { class: "skip", href: "#message", "data-do": "write" }, "To the message field");
      this.replaceChildren(skip, this.sidebar, this.main, this.members, this.search, this.#announcer, this.toast);
    }
    const { room: name, seq } = this.#router.place;
    this.classList.remove("rooms-shown");
    if (!WIDE.matches) this.search.hidden = this.members.hidden = true; // they cover the room
    const room = this.#chat.open(name);
    this.lobby.hidden = room !== null;
    this.view.hidden = room === null;
    if (room) {
      this.view.show(room, seq);
      this.members.show(room);
    } else {
      this.view.room = null;
      this.lobby.show();
    }
    this.#arrange();
  }

  #arrange() {
    const wanted = this.#settings.members ?? WIDE.matches;
    const shown = this.#chat.current !== null && this.search.hidden && wanted && WIDE.matches;
    if (WIDE.matches || !this.members.hidden) this.members.hidden = !shown;
    if (!this.members.hidden) this.members.show(this.#chat.current);
  }

  #roomRefused(room, why, other) {
    this.toast.say(why);
    const { room: name } = this.#router.place;
    if (name && keyOf(name) === room.key) this.#router.replace(other);
  }

  #correctAddress(room) {
    const { room: name } = this.#router.place;
    if (name && name !== room.name && keyOf(name) === room.key) this.#router.correct(room.name);
  }

  #tell(room, events) {
    if (room !== this.#chat.current) return;
    for (const event of events) {
      if (event.kind === "said" && !this.#chat.isMine(event)) this.#announcer.tell(event);
    }
  }

  // What one says

  #send(text, reply) {
    const { say, mistake, word, argument } = read(text);
    if (mistake) {
      this.toast.say(mistake);
      return false;
    }
    if (say !== undefined) return this.#say(say, reply);
    return this.#orders[word](argument) ?? true;
  }

  #say(text, reply) {
    const said = this.#chat.say(this.#chat.current, text, reply);
    if (!said) this.toast.say("Too many messages wait already. This one was not taken.");
    else this.view.timeline.goToNewest();
    return said;
  }

  #orders = {
    join: (name) => this.#router.go(name),
    leave: (name) => this.#leave(name),
    rooms: () => this.#router.go(null),
    who: () => this.#toggleMembers(true),
    nick: (name) => this.#chat.rename(name),
    me: (text) => this.#say(`*${this.#chat.user} ${text}*`, null),
    reply: (argument) => this.#reply(argument),
    search: (query) => this.#openSearch(query),
    history: (count) => this.#goBack(Number(count) || HISTORY),
    clear: () => this.#clear(),
    discard: () => this.#discard(),
    theme: (name) => this.#set("theme", THEMES, name),
    notify: (how) => this.#notify(how),
    help: () => showHelp(),
    quit: () => this.#quit(),
  };

  #leave(name) {
    const room = name ? this.#chat.rooms.get(keyOf(name)) : this.#chat.current;
    if (!room) {
      this.toast.say(`You are not in ${name}.`);
      return false;
    }
    const here = room === this.#chat.current;
    this.#chat.leave(room);
    if (here) this.#router.go(this.sidebar.rooms()[0]?.name ?? null);
    return true;
  }

  #reply(argument) {
    const [, name, text] = /^(\S+)\s*([^]*)$/.exec(argument);
    const events = this.#chat.current.window.tail;
    const event = events.findLast((one) => one.kind === "said" && keyOf(one.by) === keyOf(name));
    if (!event || !text) {
      this.toast.say(event ? "Write the answer behind the name." : `${name} has said nothing here lately.`);
      return false;
    }
    return this.#say(text, { seq: event.seq, by: event.by, text: event.text });
  }

  #goBack(count) {
    const room = this.#chat.current;
    room.cleared = 0;
    const first = Math.max(1, room.cursor - count + 1);
    this.view.timeline.goTo(first);
  }

  #clear() {
    const room = this.#chat.current;
    room.cleared = room.cursor ?? 0;
    room.place = null;
    room.window.showNewest();
    this.#chat.roomChanged.emit(room);
  }

  #discard() {
    const count = this.#chat.queue.discardFailed(this.#chat.current.key);
    this.toast.say(count ? `Forgotten: ${count}.` : "There is nothing to discard here.");
  }

  #set(name, choices, value) {
    const next = choices[(choices.indexOf(this.#settings[name]) + 1) % choices.length];
    if (value && !choices.includes(value)) {
      this.toast.say(`/${name} takes ${choices.join(", ")}.`);
      return false;
    }
    this.#settings.set(name, value || next);
    return true;
  }

  #notify(how) {
    if (!NOTIFY.includes(how)) {
      const now = this.#settings.notifyIn(this.#chat.current.name);
      this.toast.say(`Notifications in this room: ${now}. /notify takes ${NOTIFY.join(", ")}.`);
      return !how;
    }
    this.#setNotify(how);
    return true;
  }

  async #setNotify(how) {
    const problem = how === "off" ? "" : await this.#attention.allow();
    if (!problem) this.#settings.setNotify(this.#chat.current.name, how);
    this.toast.say(problem || `Notifications in this room: ${how}.`);
  }

  async #quit() {
    await this.#chat.quit();
    this.#askName();
  }

  // Parts of the page

  #toggleMembers(shown = this.members.hidden) {
    this.search.hidden = true;
    this.members.hidden = !shown;
    if (WIDE.matches) this.#settings.set("members", shown);
    if (shown) {
      this.members.show(this.#chat.current);
      this.members.querySelector("button").focus();
    } else {
      this.view.composer.focus();
    }
  }

  #openSearch(query = "") {
    this.members.hidden = true;
    this.search.hidden = false;
    this.search.show();
    if (query) this.search.find(query);
  }

  #toggleSearch() {
    if (this.search.hidden) {
      this.#openSearch();
      return;
    }
    this.search.hidden = true;
    this.#arrange();
    this.view.composer.focus();
  }

  #showSettings() {
    showSettings({
      settings: this.#settings,
      room: this.#chat.current,
      user: this.#chat.user,
      onname: (name) => this.#chat.rename(name),
      onquit: () => this.#quit(),
      onnotify: (how) => this.#setNotify(how),
    });
  }

  #buttons = {
    lobby: () => this.#router.go(null),
    help: () => showHelp(),
    settings: () => this.#showSettings(),
    search: () => this.#toggleSearch(),
    members: () => this.#toggleMembers(),
    rooms: () => this.#toggleRooms(),
    write: () => this.view.composer.focus(),
    reply: (button) => this.#replyTo(this.view.timeline.eventOf(button)),
    link: (button) => this.#copyLink(this.view.timeline.eventOf(button)),
    goto: (button) => this.view.timeline.goTo(Number(button.dataset.seq)),
    retry: (button) => this.#chat.queue.retry(button.dataset.nonce),
    discard: (button) => this.#chat.queue.discard(button.dataset.nonce),
    edit: (button) => this.#edit(button.dataset.nonce),
    "copy-code": (button) => this.#copy(button.parentNode.querySelector("code").textContent, "Copied."),
  };

  #clicked(event) {
    const button = event.target.closest("[data-do]");
    const act = button && this.#buttons[button.dataset.do];
    if (act) {
      if (button.matches("a")) event.preventDefault();
      act(button);
    } else if (this.classList.contains("rooms-shown")) {
      const aside = !event.target.closest("hub-sidebar");
      if (aside || event.target.closest("a")) this.#toggleRooms();
    }
  }

  #toggleRooms() {
    const shown = this.classList.toggle("rooms-shown");
    if (shown) this.sidebar.querySelector("a, button").focus();
    else this.view.composer.focus();
  }

  #replyTo(event) {
    if (event) this.view.composer.replyTo(event);
  }

  #copyLink(event) {
    if (!event) return;
    const hash = Router.hash(this.#chat.current.name, event.seq);
    this.#copy(new URL(hash, location.href.replace(/#.*/, "")).href, "A link to the message is copied.");
  }

  async #copy(text, done) {
    const copied = await copy(text);
    this.toast.say(copied ? done : `The browser does not let the page copy. Here it is: ${text}`);
  }

  #edit(nonce) {
    const line = this.#chat.queue.discard(nonce);
    if (line) this.view.composer.edit(line.text, line.reply);
  }

  // Keys

  #key(event) {
    if (!this.#inside || document.querySelector("dialog[open]")) return;
    const act = event.ctrlKey || event.metaKey || event.altKey ? this.#chord(event) : this.#plain(event);
    if (act) {
      event.preventDefault();
      act();
    }
  }

  #chord({ key, ctrlKey, metaKey, altKey, shiftKey }) {
    const control = ctrlKey || metaKey;
    if (control && !altKey && key.toLowerCase() === "k") return () => this.#router.go(null);
    if (control && shiftKey && key.toLowerCase() === "f") return () => this.#toggleSearch();
    if (altKey && !control && key === "ArrowUp") return () => this.#nextRoom(-1, shiftKey);
    if (altKey && !control && key === "ArrowDown") return () => this.#nextRoom(1, shiftKey);
    return null;
  }

  #plain({ key, shiftKey, target }) {
    if (key === "F6") return () => this.#nextPart(shiftKey ? -1 : 1);
    if (key === "Escape") return this.#escape(target);
    if (!this.#settings.keys || target.matches("input, textarea, select")) return null;
    const message = this.view.timeline.eventOf(target);
    if (key === "?") return () => showHelp();
    if (key === "u") return () => this.view.goToNews();
    if (key === "r" && message) return () => this.#replyTo(message);
    if (key === "l" && message) return () => this.#copyLink(message);
    return null;
  }

  #escape(target) {
    if (this.search.contains(target)) return () => this.#toggleSearch();
    if (this.members.contains(target) && !WIDE.matches) return () => this.#toggleMembers(false);
    if (this.classList.contains("rooms-shown")) return () => this.#toggleRooms();
    if (target.matches("textarea") || !this.#chat.current) return null;
    return () => this.view.composer.focus();
  }

  #nextRoom(step, unread) {
    const rooms = this.sidebar.rooms();
    const place = rooms.indexOf(this.#chat.current);
    for (let far = 1; far <= rooms.length; far += 1) {
      const room = rooms[(place + step * far + rooms.length * far) % rooms.length];
      if (!unread || room.unread) {
        this.#router.go(room.name);
        return;
      }
    }
  }

  #nextPart(step) {
    const parts = [
      this.sidebar.querySelector("[aria-current]") ?? this.sidebar.querySelector("button"),
      ...(this.#chat.current
        ? [this.view.timeline, this.view.querySelector("textarea")]
        : [this.lobby.querySelector("input")]),
      ...(this.members.hidden ? [] : [this.members.querySelector("ul")]),
      ...(this.search.hidden ? [] : [this.search.querySelector("input")]),
    ].filter((part) => part?.checkVisibility());
    const regions = parts.map((part) => part.closest("hub-sidebar, hub-timeline, hub-composer, hub-lobby, hub-members, hub-search"));
    const now = regions.findIndex((region) => region.contains(document.activeElement));
    parts[(now + step + parts.length) % parts.length].focus();
  }
}

customElements.define("hub-app", App);
