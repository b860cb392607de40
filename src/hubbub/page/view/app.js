/** The page: which part of it is shown, and what its buttons do. */
import { keyOf } from "../text/names.js";
import { Attention } from "./attention.js";
import { copy } from "./clipboard.js";
import { Deeds } from "./deeds.js";
import { showHelp, showSettings } from "./dialogs.js";
import { el } from "./dom.js";
import { Keys } from "./keys.js";
import { Menus } from "./menus.js";
import { Orders } from "./orders.js";
import { Router } from "./router.js";
import { fitAboveKeyboard } from "./viewport.js";
import { Ways } from "./ways.js";
import "./announcer.js";
import "./lobby.js";
import "./members.js";
import "./room-list.js";
import "./room-view.js";
import "./search.js";
import "./sidebar.js";
import "./welcome.js";

const WIDE = matchMedia("(min-width: 1100px)");
const NARROW = matchMedia("(max-width: 44rem)"); // the rooms are behind a button

export class App extends HTMLElement {
  #chat;
  #settings;
  #ignored;
  #commands;
  #router = new Router();
  #attention;
  #orders;
  #ways;
  #deeds;
  #menus;
  #welcome = document.createElement("hub-welcome");
  #announcer = document.createElement("hub-announcer");
  toast = document.createElement("hub-toast");

  attach(chat, settings, ignored, commands) {
    this.#chat = chat;
    this.#commands = commands;
    this.#settings = settings;
    this.#ignored = ignored;
    const router = this.#router;
    const attention = new Attention(chat, settings, (room, seq) => router.go(room.name, seq));
    this.#attention = attention;
    this.#ways = new Ways({ chat, router, page: this });
    this.#deeds = new Deeds({ chat, router, ways: this.#ways, page: this });
    this.#orders = new Orders({ chat, settings, ignored, commands, router, attention, deeds: this.#deeds, page: this });
    this.#menus = new Menus({ chat, settings, orders: this.#orders, deeds: this.#deeds, page: this });
    const keys = new Keys({ chat, settings, ways: this.#ways, page: this });
    this.#welcome.onname = (name) => chat.introduce(name);
    this.sidebar = document.createElement("hub-sidebar").attach(chat);
    this.lobby = document.createElement("hub-lobby").attach(chat);
    this.view = document.createElement("hub-room").attach(chat, attention, settings, commands);
    this.members = document.createElement("hub-members").attach(chat);
    this.search = document.createElement("hub-search").attach(chat);
    this.lobby.onroom = (name) => router.go(name);
    this.view.composer.onsend = (text, reply) => this.#orders.take(text, reply);
    router.changed.on(() => this.#show());
    chat.stateChanged.on(() => this.#stateChanged());
    chat.nameRefused.on((error) => this.#askName(error));
    chat.signedOut.on(() => this.#askName());
    chat.notice.on((sentence) => this.toast.say(sentence));
    chat.rooms.roomChanged.on((room) => room === chat.rooms.current && this.#correctAddress(room));
    chat.arriving.news.on((room, events) => this.#tell(room, events));
    this.addEventListener("click", (event) => this.#clicked(event));
    document.addEventListener("keydown", (event) => keys.take(event));
    WIDE.addEventListener("change", () => this.#arrange());
    NARROW.addEventListener("change", () => this.classList.remove("rooms-shown"));
    fitAboveKeyboard();
    this.main = el("main", { id: "main" }, this.lobby, this.view);
    this.members.hidden = this.search.hidden = true;
    return this;
  }

  /** Shows what the address says; asks for the name first. */
  begin() {
    const { last } = this.#chat.rooms.visits;
    if (!location.hash && last) this.#router.replace(last);
    if (!this.#chat.rememberedName || this.#chat.state === "idle") this.#askName();
    else this.#show();
  }

  #askName(error = null) {
    document.querySelector("dialog[open]")?.close();
    if (this.inside) this.#welcome.clear();
    this.replaceChildren(el("main", { id: "main" }, this.#welcome), this.toast);
    this.#welcome.server = this.#chat.server;
    this.#welcome.show(this.#chat.rememberedName, error);
  }

  /** Whether one has a name, and is shown the rooms. */
  get inside() {
    return this.sidebar.isConnected;
  }

  /** Whether what is beside the room covers it here, for there is no space for both. */
  get covered() {
    return !WIDE.matches;
  }

  #stateChanged() {
    const { state } = this.#chat;
    if (state === "online" && !this.inside) this.#show();
    else if (state === "waiting" && !this.inside) {
      const why = this.#chat.reason || "The server cannot be reached.";
      this.#welcome.show("", { message: `${why} Trying again…` });
      this.#welcome.busy = true;
    }
  }

  #show() {
    if (this.#chat.state === "idle") return;
    if (!this.inside) {
      const skip = el("a", { class: "skip", href: "#message", "data-do": "write" }, "To the message field");
      this.replaceChildren(skip, this.sidebar, this.main, this.members, this.search, this.#announcer, this.toast);
    }
    const { room: name, seq } = this.#router.place;
    this.classList.remove("rooms-shown");
    if (!WIDE.matches) this.search.hidden = this.members.hidden = true; // they cover the room
    const room = this.#chat.rooms.open(name);
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
    const shown = this.#chat.rooms.current !== null && this.search.hidden && wanted && WIDE.matches;
    if (WIDE.matches || !this.members.hidden) this.members.hidden = !shown;
    if (!this.members.hidden) this.members.show(this.#chat.rooms.current);
  }

  #correctAddress(room) {
    const { room: name } = this.#router.place;
    if (name && name !== room.name && keyOf(name) === room.key) this.#router.correct(room.name);
  }

  #tell(room, events) {
    if (room !== this.#chat.rooms.current) return;
    for (const event of events) {
      if (this.#chat.reads(event)) this.#announcer.tell(event);
    }
  }

  /** Ends it: one is asked for a name again. */
  quit() {
    this.#chat.quit();
  }

  // Parts of the page

  showMembers() {
    this.#toggleMembers(true);
  }

  #toggleMembers(shown = this.members.hidden) {
    this.search.hidden = true;
    this.members.hidden = !shown;
    if (WIDE.matches) this.#settings.set("members", shown);
    if (shown) {
      this.members.show(this.#chat.rooms.current);
      this.members.querySelector("button").focus();
    } else this.#goBackTo("members");
  }

  /** To where one writes; from what had covered that, to the button that opened it. */
  #goBackTo(name) {
    if (this.covered) this.main.querySelector(`:scope > :not([hidden]) [data-do=${name}]`)?.focus();
    else this.view.composer.focus();
  }

  /** Shows the search, and what there is for a query. */
  openSearch(query = "") {
    this.members.hidden = true;
    this.search.hidden = false;
    this.search.show();
    if (query) this.search.find(query);
  }

  #toggleSearch() {
    if (this.search.hidden) {
      this.openSearch();
      return;
    }
    this.search.hidden = true;
    this.#arrange();
    this.#goBackTo("search");
  }

  #showSettings() {
    showSettings({
      settings: this.#settings,
      ignored: this.#ignored,
      user: this.#chat.user,
      onname: (name) => this.#orders.rename(name),
      ontell: (sentence) => this.toast.say(sentence),
      onquit: () => this.quit(),
      onnotify: (how) => this.#attention.chooseEverywhere(how),
    });
  }

  #buttons = {
    lobby: () => this.#router.go(null),
    help: () => showHelp(this.#commands.all),
    settings: () => this.#showSettings(),
    search: () => this.#toggleSearch(),
    members: () => this.#toggleMembers(),
    rooms: () => this.#toggleRooms(),
    write: () => this.view.composer.focus(),
    news: () => this.view.goToNews(),
    mention: () => this.#ways.toMention(),
    "next-unread": () => this.#ways.toRoom(1, true),
    "mark-read": () => this.view.markRead(),
    "mark-all": () => this.#markAll(),
    reply: (button) => this.#replyTo(this.view.timeline.eventOf(button)),
    link: (button) => this.#copyLink(this.view.timeline.eventOf(button)),
    "room-menu": (button) => this.#menus.openRoom(button),
    "member-menu": (button) => this.#menus.openMember(button, button.value),
    goto: (button) => this.view.timeline.goTo(Number(button.dataset.seq)),
    retry: (button) => this.#chat.queue.retry(button.dataset.nonce),
    discard: (button) => this.#chat.queue.discard(button.dataset.nonce),
    edit: (button) => this.#edit(button.dataset.nonce),
    "copy-code": (button) => this.copy(button.parentNode.querySelector("code").textContent, "Copied."),
  };

  /** Does what the button of that name does; `node` is it, or what is meant by it. */
  press(name, node) {
    this.#buttons[name](node);
  }

  #clicked(event) {
    const button = event.target.closest("[data-do]");
    const link = event.target.closest("a[href]");
    if (link && leadsHere(link, event)) {
      event.preventDefault();
      this.#router.follow(link.hash);
    }
    if (button) {
      if (button.matches("a")) event.preventDefault();
      this.press(button.dataset.do, button);
    } else if (this.classList.contains("rooms-shown")) {
      const aside = !event.target.closest("hub-sidebar");
      if (aside || event.target.closest("a")) this.#toggleRooms();
    } else if (event.target === this && this.covered && !this.members.hidden) {
      this.#toggleMembers(false); // beside them, on a phone
    }
  }

  #toggleRooms() {
    const shown = this.classList.toggle("rooms-shown");
    if (shown) this.sidebar.focus();
    else this.#goBackTo("rooms");
  }

  #markAll() {
    this.#chat.reading.readAll();
    this.toast.say("All your rooms are marked as read.");
    const writing = this.#chat.rooms.current && !this.classList.contains("rooms-shown");
    (writing ? this.view : this.sidebar).focus();
  }

  #copyLink(event) {
    if (event) this.#deeds.copyLink(this.#chat.rooms.current, event.seq);
  }

  /** Begins to write to somebody. */
  mention(name) {
    if (this.covered) this.members.hidden = true;
    this.view.composer.mention(name);
  }

  #replyTo(event) {
    if (event) this.view.composer.replyTo(event);
  }

  /** Copies a text, and says that it is `done`; where that cannot be, shows it. */
  async copy(text, done) {
    const copied = await copy(text);
    this.toast.say(copied ? done : `Your browser does not let this page copy. Copy it from here: ${text}`);
  }

  #edit(nonce) {
    const line = this.#chat.queue.discard(nonce);
    if (line) this.view.composer.edit(line.text, line.reply);
  }
}

/** Whether a click on a link is to open a place of this page: in this tab, with no key held. */
function leadsHere({ origin, pathname, hash }, { ctrlKey, metaKey, shiftKey, altKey }) {
  const here = origin === location.origin && pathname === location.pathname && hash.startsWith("#/");
  return here && !(ctrlKey || metaKey || shiftKey || altKey);
}

customElements.define("hub-app", App);
