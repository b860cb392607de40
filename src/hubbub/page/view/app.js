/** The page: the parts that it consists of, and which of them are shown. */
import { leave } from "../net/sign-on.js";
import { keyOf } from "../text/names.js";
import { RecentEmoji } from "../keep/recent-emoji.js";
import { Announcer } from "./announcer.js";
import { Aside } from "./aside.js";
import { Buttons } from "./buttons.js";
import { copy } from "./clipboard.js";
import { Deeds } from "./deeds.js";
import { el } from "./dom.js";
import { Keys } from "./keys.js";
import { Lobby } from "./lobby.js";
import { Members } from "./members.js";
import { Menus } from "./menus.js";
import { MessageDeeds } from "./message-deeds.js";
import { missed, withDialogs } from "./more.js";
import { Navigation } from "./navigation.js";
import { Notifications } from "./notifications.js";
import { Orders } from "./orders.js";
import { Panels } from "./panels.js";
import { RoomView } from "./room-view.js";
import { Router } from "./router.js";
import { Search } from "./search.js";
import { Sidebar } from "./sidebar.js";
import { ServerPlace } from "./server-place.js";
import { showInTitle } from "./title.js";
import { Toast } from "./toast.js";
import { fitAboveKeyboard } from "./viewport.js";
import { Welcome } from "./welcome.js";

/** @typedef {import("../chat/room.js").Room} Room */

export class App extends HTMLElement {
  #chat;
  #settings;
  #ignored;
  #provider;
  #router = new Router();
  #notifications;
  #orders;
  #panels;
  #buttons;
  #server;
  #welcome = new Welcome();
  /** @type {import("../text/tickets.js").Ticket | null} */
  #ticket = null; // of a link, until the user is signed in
  #announcer = new Announcer();
  toast = new Toast();

  /**
   * @param {import("../chat/chat.js").Chat} chat
   * @param {import("../keep/settings.js").Settings} settings
   * @param {import("../keep/ignored.js").Ignored} ignored
   * @param {import("../text/commands.js").Commands} commands
   * @param {string} provider what people call that of the single sign-on; "" for none
   */
  constructor(chat, settings, ignored, commands, provider) {
    super();
    this.#provider = provider;
    this.#chat = chat;
    this.#settings = settings;
    this.#ignored = ignored;
    const router = this.#router;
    const notifications = new Notifications(chat, settings, (room, seq) => router.go(room.name, seq));
    this.#notifications = notifications;
    this.sidebar = new Sidebar(chat);
    this.lobby = new Lobby(chat);
    this.view = new RoomView(chat, notifications, settings, commands);
    this.main = el("main", { id: "main" }, this.lobby, this.view);
    this.members = new Members(chat);
    this.search = new Search(chat);
    this.aside = new Aside(chat, (text, reply) => this.#orders.take(text, reply, true));
    this.#server = new ServerPlace({ chat, router, page: this });
    const panels = new Panels({ chat, settings, page: this });
    this.#panels = panels;
    const navigation = new Navigation({ chat, router, page: this });
    const deeds = new Deeds({ chat, router, navigation, page: this });
    this.#orders = new Orders({ chat, settings, ignored, commands, router, attention: notifications, deeds, page: this });
    const recent = new RecentEmoji();
    const messages = new MessageDeeds({ chat, recent, page: this });
    const menus = new Menus({ chat, settings, orders: this.#orders, deeds, messages, page: this });
    this.#buttons = new Buttons({ chat, commands, router, panels, navigation, deeds, menus, messages, page: this });
    const keys = new Keys({ chat, settings, navigation, page: this });
    document.addEventListener("keydown", (event) => keys.take(event));
    this.#welcome.onname = (name, secrets) => chat.login.signIn(name, secrets);
    this.#welcome.provider = provider;
    this.#welcome.onleave = (invite) => leave(router.place.room ?? "", invite);
    this.lobby.onroom = (name) => router.go(name);
    this.view.composer.onsend = (text, reply) => this.#orders.take(text, reply);
    this.view.composer.onempty = (event) => messages.redact(event);
    router.changed.on(() => this.#show());
    router.ticket.on((ticket) => this.#follow(ticket));
    chat.login.changed.on(() => this.#stateChanged());
    chat.login.refused.on((error) => this.#askName(error));
    chat.login.signedOut.on(() => {
      recent.forget();
      this.#askName();
    });
    chat.login.handedOver.on((keys) => this.#forget(keys));
    chat.rooms.emptied.on((room) => {
      this.#announcer.clear();
      this.view.timeline.forget(room);
      this.search.forget(room);
      this.aside.forget(room);
    });
    chat.arriving.took.on((room, events) => {
      for (const { kind, by_id, target = 0 } of events) {
        if (kind === "forgotten") this.search.forgetAuthor(by_id);
        if (kind === "redacted") this.search.forgetMessage(room, target);
        if (kind === "redacted") this.#announcer.forget(target);
      }
    });
    chat.skipped.on((room) => {
      this.#announcer.clear();
      this.search.forget(room);
    });
    chat.notice.on((sentence) => this.toast.say(sentence));
    chat.rooms.roomChanged.on((room) => room === chat.rooms.current && this.#correctAddress(room));
    chat.rooms.renamed.on((room, key) => this.#renamed(room, key));
    chat.arriving.news.on((room, events) => this.#announce(room, events));
    missed.on(() => this.toast.say("This part of the page could not be fetched. Try again when you are connected."));
    showInTitle(chat);
    fitAboveKeyboard();
  }

  /** Shows the place of the address; asks for the user's name first. */
  begin() {
    const { last } = this.#chat.rooms.visits;
    if (!location.hash && last) this.#router.replace(last);
    if (!this.#chat.login.rememberedName || this.#chat.login.state === "idle") this.#askName();
    else this.#show();
    if (this.#router.given) this.#follow(this.#router.given);
  }

  /**
   * Follows a link with a code, now or when the user is signed in.
   * @param {import("../text/tickets.js").Ticket} ticket
   */
  #follow(ticket) {
    const { login, rooms, account } = this.#chat;
    const { room, invite = "", user, reset } = ticket;
    if (user && reset) {
      withDialogs((dialogs) => dialogs.reset({ user, code: reset, login, tell: (sentence) => this.toast.say(sentence) }));
    } else if (login.state !== "online") {
      this.#ticket = ticket;
      if (login.state === "idle") this.#welcome.invite(room ?? "", room ? "" : invite);
    } else if (room) {
      rooms.admit(room, invite);
      this.#router.go(room);
    } else if (account.there) this.toast.say("That link is for somebody who has no account here yet. You have one.");
    else this.showAccount(invite);
  }

  /**
   * Nothing of the user before is shown, not even in the address, nor kept after it.
   * @param {Set<string>} keys of rooms that are not theirs any more
   */
  #forget(keys) {
    if (this.view.room && keys.has(this.view.room.key)) {
      this.view.room = null;
      this.view.composer.leave();
    }
    const { room: name } = this.#router.place;
    if (name && keys.has(keyOf(name))) this.#router.replace(null);
  }

  /** @param {import("../net/failures.js").Refused | null} error why a name was refused */
  #askName(error = null) {
    /** @type {HTMLDialogElement | null} */
    const dialog = document.querySelector("dialog[open]");
    dialog?.close();
    if (this.inside) this.#welcome.clear();
    this.replaceChildren(el("main", { id: "main" }, this.#welcome), this.toast);
    this.#welcome.server = this.#chat.server;
    this.#welcome.show(this.#chat.login.rememberedName, error);
  }

  /** Whether the user has a name, and the rooms are shown. */
  get inside() {
    return this.sidebar.isConnected;
  }

  #stateChanged() {
    const { state, reason } = this.#chat.login;
    const ticket = state === "online" ? this.#ticket : null;
    if (ticket) {
      this.#ticket = null;
      if (ticket.room || !this.#chat.account.there) this.#follow(ticket);
    }
    if (state === "online" && !this.inside) this.#show();
    else if (state === "waiting" && !this.inside) {
      const why = reason || "The server cannot be reached.";
      this.#welcome.show("", { message: `${why} Trying again…` });
      this.#welcome.busy = true;
    }
  }

  #show() {
    if (this.#chat.login.state === "idle") return;
    if (!this.inside) {
      const skip = el("a", { class: "skip", href: "#message", "data-do": "write" }, "To the message field");
      this.replaceChildren(skip, this.sidebar, this.main, this.members, this.search, this.aside, this.#announcer, this.toast);
    }
    const { room: name, seq, server } = this.#router.place;
    this.#panels.close();
    const room = this.#chat.rooms.open(name);
    this.lobby.hidden = this.#server.show(server) || room !== null;
    this.view.hidden = room === null;
    if (room) {
      this.view.show(room, seq);
      this.members.show(room);
    } else {
      this.view.room = null;
      if (!this.lobby.hidden) this.lobby.show();
    }
    this.#panels.arrange();
  }

  /**
   * What is kept here by the name of a room goes with it, and so does the address.
   * @param {Room} room
   * @param {string} key of the former name
   */
  #renamed(room, key) {
    this.#settings.move(key, room.key);
    const { room: name } = this.#router.place;
    if (!name || keyOf(name) !== key) return;
    if (this.view.room === room) this.#router.correct(room.name);
    else this.#router.replace(room.name);
  }

  /** @param {Room} room */
  #correctAddress(room) {
    const { room: name } = this.#router.place;
    if (name && name !== room.name && keyOf(name) === room.key) this.#router.correct(room.name);
  }

  /**
   * @param {Room} room
   * @param {import("../text/kinds.js").LogEvent[]} events
   */
  #announce(room, events) {
    if (room !== this.#chat.rooms.current) return;
    for (const event of events) {
      if (this.#chat.reads(event)) this.#announcer.tell(event);
    }
  }

  // What its parts ask of it

  /**
   * Does what a button does.
   * @param {import("./buttons.js").Button} name
   * @param {HTMLElement} [node]
   */
  press(name, node) {
    this.#buttons.press(name, node);
  }

  /**
   * The message whose row has this node, in the timeline or beside it, or null.
   * @param {Element | null} [node]
   */
  messageOf(node) {
    return this.aside.contains(node ?? null) ? this.aside.eventOf(node) : this.view.timeline.eventOf(node);
  }

  /**
   * Begins an answer to a message, where it is shown.
   * @param {import("../text/kinds.js").Message} event
   * @param {Element} node
   */
  replyTo(event, node) {
    if (!this.aside.contains(node) || !this.aside.replyTo(event)) this.view.composer.replyTo(event);
  }

  /**
   * Shows the conversation around a message of the room.
   * @param {number} seq
   */
  openConversation(seq) {
    this.#panels.openAside(seq);
  }

  /**
   * Shows a message among those of the room.
   * @param {number} seq
   */
  goTo(seq) {
    this.#panels.uncover();
    this.view.timeline.goTo(seq);
  }

  /** Shows what is pinned to the room. */
  openPins() {
    this.#panels.openAside();
  }

  /** Whether what is beside the room covers it here. */
  get covered() {
    return this.#panels.covering;
  }

  showMembers() {
    this.#panels.toggleMembers(true);
  }

  /** Shows the search, and the results of a query if there is one. */
  openSearch(query = "") {
    this.#panels.openSearch(query);
  }

  showSettings() {
    withDialogs((dialogs) => dialogs.settings({
      settings: this.#settings,
      ignored: this.#ignored,
      showAgain: (name) => this.#orders.setIgnored(name, false),
      user: this.#chat.user,
      account: this.#chat.login.account,
      showAccount: this.#chat.can("accounts") ? () => this.showAccount() : null,
      rename: (name) => this.#orders.rename(name),
      tell: (sentence) => this.toast.say(sentence),
      quit: () => this.quit(),
      server: dialogs.administration(this.#chat.moderating, () => this.#router.follow("#?server")),
      notify: (how) => this.#notifications.chooseEverywhere(how),
    }));
  }

  /** `invite`: the code of an invitation to make one. */
  showAccount(invite = "") {
    const { account, login, queue, user } = this.#chat;
    withDialogs((dialogs) => dialogs.account({
      account,
      invite,
      user,
      provider: this.#provider,
      waiting: queue.size,
      tell: (sentence) => this.toast.say(sentence),
      quit: () => this.quit(),
      close: (password, empty) => login.close(password, empty),
    }));
  }

  /** Shows what others are told of the user, to change it. */
  showProfile() {
    withDialogs((dialogs) => dialogs.profile(this.#chat.profile));
  }

  /**
   * Shows what is known of somebody.
   * @param {string} name
   */
  showPerson(name) {
    const { current } = this.#chat.rooms;
    withDialogs((dialogs) => dialogs.person({
      profile: this.#chat.profile,
      name,
      user: this.#chat.user,
      role: current ? this.#chat.moderating.roleIn(current, name) : "member",
      message: this.#chat.can("direct") ? () => this.#orders.message([name]) : null,
      edit: () => this.showProfile(),
    }));
  }

  /** Asks for the people of a new conversation. */
  showTalk() {
    const { rooms, user } = this.#chat;
    const names = new Map([...rooms].flatMap(({ members }) => [...members].map(([key, { name }]) => [key, name])));
    names.delete(keyOf(user));
    withDialogs(({ talk }) =>
      talk({ known: [...names.values()], begin: (people) => this.#orders.message(people), done: () => this.view.focus() }),
    );
  }

  /**
   * Begins a message to somebody.
   * @param {string} name
   */
  mention(name) {
    this.#panels.uncover();
    this.view.composer.mention(name);
  }

  /**
   * Copies a text, and says that it is `done`; where the browser does not allow it, shows the text.
   * @param {string} text
   * @param {string} done
   */
  async copy(text, done) {
    const copied = await copy(text);
    this.toast.say(copied ? done : `Your browser does not let this page copy. Copy it from here: ${text}`);
  }

  /** Signs out: the user is asked for a name again. */
  quit() {
    this.#chat.login.signOut();
  }
}
