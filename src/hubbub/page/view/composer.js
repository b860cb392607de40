/** The field for a new message, or for the change of one: its text, what it replies to, its draft, and what was sent before. */
import { barred } from "../chat/barred.js";
import { unquoting } from "../chat/forgetting.js";
import { requoted } from "../chat/forms.js";
import { Recall } from "../chat/recall.js";
import { MAX_FILES } from "../chat/uploads.js";
import { Drafts } from "../keep/drafts.js";
import { quotable } from "../text/attached.js";
import { excerpt } from "../text/excerpt.js";
import { isMessage, traitsOf } from "../text/kinds.js";
import { spare } from "../text/limits.js";
import { safe } from "../text/safe.js";
import { Changing } from "./changing.js";
import { Completer } from "./completer.js";
import { el } from "./dom.js";
import { composes } from "./events.js";
import { acceptPastes, chooser } from "./filing.js";
import { icon, iconButton } from "./icons.js";
import { nextFrame } from "./next-frame.js";
import { Tray } from "./tray.js";

const DRAFT_MS = 300; // after the last key, until the draft is kept

/**
 * @typedef {import("../chat/room.js").Room} Room
 * @typedef {import("../text/kinds.js").LogEvent} LogEvent
 * @typedef {import("../keep/drafts.js").Draft} Draft
 * @typedef {import("../keep/drafts.js").Reply} Reply
 */

export class Composer extends HTMLElement {
  /** @type {(text: string, reply: Reply | null) => boolean} false: it cannot be sent, and stays in the field */
  onsend = () => true;
  onescape = () => {};
  /** @type {(event: LogEvent) => void} a message was changed to nothing */
  onempty = () => {};
  /** @type {Room | null} */
  room = null;
  #changing = new Changing();
  #chat;
  #commands;
  /** @type {Reply | null} */
  #reply = null;
  #recall = new Recall();
  #drafts = new Drafts();
  #keeping = 0;
  #waiting = 0;
  #draw = () => this.#showBar();
  #text = el("textarea", {
    rows: "1",
    dir: "auto",
    id: "message",
    enterkeyhint: "send",
    autocapitalize: "sentences",
    "aria-autocomplete": "list",
    "aria-controls": "completions",
    "aria-describedby": "barred count enter-does",
  });

  #completer;
  #tray;
  #choose;
  #count = el("span", { id: "count", class: "count" });
  #bar = el("p", { id: "barred", class: "barred", dir: "auto", hidden: true });
  #chip = el("div", { class: "reply-to", hidden: true });
  #hint = el("p", { id: "enter-does" }, "Enter sends", el("span", {}, ", Shift+Enter begins a new line"));

  /**
   * @param {import("../chat/chat.js").Chat} chat
   * @param {import("../text/commands.js").Commands} commands
   */
  constructor(chat, commands) {
    super();
    this.#chat = chat;
    this.#commands = commands;
    this.#completer = new Completer(this.#text, chat, commands);
    this.#completer.onchange = () => this.#changed();
    const send = iconButton("send", "Send", { type: "submit", class: "icon-button send" });
    const newLine = iconButton("newLine", "New line", { class: "icon-button new-line" });
    // The field keeps the focus, and a phone its keyboard.
    newLine.addEventListener("pointerdown", (event) => event.preventDefault());
    newLine.addEventListener("click", () => this.#newLine());
    const { button, field } = chooser((files) => this.attach(files));
    this.#choose = button;
    this.#tray = new Tray(chat.uploads);
    this.#tray.onopen = (parcel) => this.#open(parcel);
    acceptPastes(this.#text, (files) => this.attach(files));
    const form = el("form", { autocomplete: "off" }, button, field, this.#text, this.#count, newLine, send);
    this.append(this.#hint, this.#completer.popup, this.#bar, this.#tray, this.#chip, form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#text.addEventListener("keydown", (event) => this.#key(event));
    this.#text.addEventListener("input", (event) => this.#typed(/** @type {InputEvent} */ (event)));
    this.#text.addEventListener("compositionend", () => this.#completer.replaceEmoji());
    this.#drafts.changed.on(() => this.#otherTabWrote());
    chat.rooms.emptied.on((room) => this.#forget(room));
    chat.rooms.roomChanged.on((room) => room === this.room && nextFrame(this.#draw));
    chat.rooms.renamed.on((room, key) => this.#drafts.move(key, room.key));
    chat.rooms.outdated.on((room) => this.#losePast(room, Infinity));
    chat.arriving.took.on((room, events) => {
      for (const event of events) {
        if (event.kind === "trimmed") this.#losePast(room, event.floor ?? 0);
        if (!chat.isMine(event)) continue;
        if (isMessage(event)) this.#recall.said(room.key, event.text, event.seq);
        else if (event.kind === "edited") this.#recall.said(room.key, event.text ?? "", event.target ?? 0);
      }
    });
    chat.revised.on((room, event) => {
      if (event.kind === "forgotten") this.#forgetAuthor(room, event);
      if (traitsOf(event).rewords) this.#revise(room, event);
    });
    chat.skipped.on((room) => this.#recall.drop(room.key));
    chat.about = (key) => this.#about(key);
    chat.returned = (line) => this.#takeBack(line);
    addEventListener("pagehide", () => this.#keepDraft());
    addEventListener("beforeunload", (event) => chat.uploads.busy && event.preventDefault());
  }

  focus() {
    this.#text.focus();
  }

  get focused() {
    return document.activeElement === this.#text;
  }

  /**
   * The user writes in another room: its draft comes back.
   * @param {Room} room
   */
  show(room) {
    if (this.room && this.room !== room) {
      this.#keepDraft();
      this.#changing.leave(this.room.key, this.#text.value);
    }
    this.room = room;
    this.#recall.stop();
    this.named();
    const change = this.#changing.comeBack(room.key);
    if (change) this.change(change.event, change.text);
    else this.#fill(this.#drafts.of(room.key));
    this.#completer.show(room);
    this.#tray.show(room);
    this.#showBar();
  }

  /**
   * Takes files that are to be sent with the next message.
   * @param {File[]} files
   */
  attach(files) {
    if (!this.room || !files.length) return;
    if (!this.#chat.can("files")) this.#chat.notice.emit("This server takes no files.");
    else if (!this.#chat.uploads.add(this.room, files)) this.#chat.notice.emit(`A message may bring ${MAX_FILES} files. The others are left out.`);
    this.focus();
  }

  /**
   * A message that waits for its files is written on, if no other one is.
   * @param {import("../chat/uploads.js").Parcel} parcel
   */
  #open(parcel) {
    if (this.#text.value.trim() && parcel.text.trim()) return this.#chat.notice.emit("Please send what you are writing first.");
    this.#chat.uploads.open(parcel);
    if (parcel.text.trim()) this.edit(parcel.text, parcel.reply);
    else this.focus();
  }

  /** Says to whom one writes: the room may have another name. */
  named() {
    if (!this.room) return;
    const words = `Message ${safe(this.room.title)}`;
    if (this.#text.placeholder === words) return;
    this.#text.placeholder = words;
    this.#text.setAttribute("aria-label", words);
  }

  /** The user has gone: what is in the field is nobody else's. */
  leave() {
    clearTimeout(this.#keeping);
    this.room = null;
    this.#changing.event = null;
    this.#changing.forget();
    this.#tray.show(null);
    this.#fill();
  }

  /**
   * Writes somebody's name where the cursor is.
   * @param {string} name
   */
  mention(name) {
    this.focus();
    const { value, selectionStart } = this.#text;
    const apart = /\S$/.test(value.slice(0, selectionStart)) ? " " : "";
    this.#completer.type(`${apart}@${name} `);
  }

  /**
   * Begins a reply to a message; null: to none.
   * @param {Reply | null} event
   */
  replyTo(event) {
    if (this.#changing.event) this.#stopChanging();
    this.#reply = event && { seq: event.seq, by: event.by, by_id: event.by_id, text: quotable(event) };
    this.#chip.hidden = !event;
    this.#chip.replaceChildren();
    if (event) {
      this.#chip.append(
        icon("reply"),
        el("span", {}, "Reply to ", el("bdi", { class: "by" }, safe(event.by)), " "),
        el("bdi", { class: "excerpt" }, excerpt(quotable(event))),
        iconButton("close", "Cancel the reply", { onclick: () => this.replyTo(null) }),
      );
    }
    this.#keepSoon();
    this.focus();
  }

  /**
   * Puts a text into the field, to be changed and sent again.
   * @param {string} text
   * @param {Reply | null} reply
   */
  edit(text, reply = null) {
    if (this.#changing.event) this.#stopChanging();
    this.#fill({ text, reply });
    this.focus();
  }

  /**
   * Begins to change a message: its text is in the field until it is sent, or the user presses Esc; then the draft is
   * there again.
   * @param {LogEvent} event
   * @param {string} [text] what it says, or was to say
   */
  change(event, text = event.text ?? "") {
    if (!this.#changing.event) this.#keepDraft();
    this.#changing.event = event;
    this.#fill({ text, reply: null });
    this.classList.add("changing");
    this.#chip.hidden = false;
    this.#chip.replaceChildren(
      icon("edit"),
      el("span", {}, "Change your message "),
      el("bdi", { class: "excerpt" }, excerpt(quotable(event))),
      iconButton("close", "Leave it as it is (Esc)", { onclick: () => this.#stopChanging() }),
    );
    this.focus();
    this.#text.setSelectionRange(text.length, text.length);
  }

  #stopChanging() {
    this.#changing.event = null;
    this.#fill(this.room ? this.#drafts.of(this.room.key) : undefined);
    this.focus();
  }

  /**
   * The user has taken a text back: it is not brought back here.
   * @param {Room} room
   * @param {string} text
   */
  forgetSent(room, text) {
    this.#recall.forget(room.key, text);
  }

  /**
   * A message was changed or taken back, and a draft may quote it, or be a change of it.
   * @param {Room} room
   * @param {LogEvent} event
   */
  #revise(room, event) {
    this.#drafts.change(room.key, (reply) => requoted(reply, event));
    if (event.kind === "redacted") this.#recall.takenBack(room.key, event.target ?? 0);
    const gone = event.kind === "redacted" && this.#changing.drop(room.key, event.target ?? 0);
    if (gone && room === this.room) {
      this.#stopChanging();
      this.#chat.notice.emit("The message that you were changing was taken back.");
    }
    const reply = requoted(this.#reply, event);
    if (room === this.room && reply !== this.#reply) this.#fill({ text: this.#text.value, reply });
  }

  /**
   * The messages of a room that are quoted, or changed, here.
   * @param {string} key
   */
  #about(key) {
    const here = key === this.room?.key;
    const changed = here ? this.#changing.event : this.#changing.of(key);
    return [this.#drafts.of(key)?.reply, here ? this.#reply : null, changed].flatMap((one) => (one ? [one.seq] : []));
  }

  /**
   * The user may not read a room any more, and a draft may quote it.
   * @param {Room} room
   */
  #forget(room) {
    this.#changing.forget(room.key);
    if (room === this.room) {
      this.#changing.event = null;
      this.#fill();
    }
    this.#drafts.keep(room.key, undefined);
  }

  /**
   * Somebody has closed their account, and the draft may reply to them.
   * @param {Room} room
   * @param {import("../text/kinds.js").LogEvent} event
   */
  #forgetAuthor(room, event) {
    this.#drafts.change(room.key, (reply) => unquoting(reply, event));
    const reply = unquoting(this.#reply, event);
    if (room === this.room && reply !== this.#reply) this.#fill({ text: this.#text.value, reply });
  }

  /**
   * @param {Room} room
   * @param {number} floor up to which what was said there is gone
   */
  #losePast(room, floor) {
    this.#drafts.change(room.key, (reply) => (reply && reply.seq <= floor ? null : reply));
    if (room === this.room && this.#reply && this.#reply.seq <= floor) this.#fill({ text: this.#text.value, reply: null });
  }

  /**
   * Takes a text back that may not be said so, unless the user writes on; returns whether it is here.
   * @param {import("../chat/queue.js").Line} line
   */
  #takeBack({ key, text, reply, amend, files }) {
    const event = amend && key === this.room?.key && !this.#text.value.trim() ? this.room.window.find(amend.target) : null;
    if (event) this.change(event, amend?.text);
    if (amend) return Boolean(event);
    if (key !== this.room?.key || this.#text.value.trim() || this.#reply) return false;
    this.#fill({ text, reply });
    if (files && this.room) this.#chat.uploads.bring(this.room, files);
    this.#keepDraft();
    return true;
  }

  /** Says why the user cannot write here now, or how slowly. */
  #showBar() {
    clearTimeout(this.#waiting);
    const { room } = this;
    if (!room) return;
    const { sentence, again } = barred(this.#chat.moderating, room);
    if (this.#bar.textContent !== sentence) this.#bar.textContent = sentence;
    this.#bar.hidden = !sentence;
    this.#choose.hidden = !this.#chat.can("files");
    if (again) this.#waiting = setTimeout(this.#draw, again);
  }

  /**
   * Puts a text back into the field, unless the user writes on.
   * @param {string} text
   */
  putBack(text) {
    if (!this.#text.value) this.edit(text);
  }

  // Keys

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (composes(event)) return;
    const act = (this.#completer.open && this.#completer.key(event)) || this.#fieldKey(event);
    if (act) {
      event.preventDefault();
      act();
    }
  }

  /** @param {KeyboardEvent} event */
  #fieldKey({ key, shiftKey, ctrlKey, altKey, metaKey }) {
    if (key === "Enter" && !shiftKey && !altKey) return () => this.#send();
    if (altKey || metaKey || shiftKey) return null;
    // With Ctrl, or where there is nothing to be changed, what was sent before comes back.
    const last = !ctrlKey && key === "ArrowUp" && this.#mayChange() && this.room ? this.#chat.amending.lastOwn(this.room) : null;
    if (last) return () => this.change(last);
    if (key === "ArrowUp" && this.#mayRecall()) return () => this.#bringBack(-1);
    if (key === "ArrowDown" && this.#recall.active) return () => this.#bringBack(1);
    if (ctrlKey) return null;
    if (key === "Escape" && this.#changing.event) return () => this.#stopChanging();
    if (key === "Escape") return () => (this.#reply ? this.replyTo(null) : this.onescape());
    return null;
  }

  #mayChange() {
    return this.#text.value === "" && !this.#reply && !this.#recall.active && !this.#changing.event;
  }

  #newLine() {
    this.focus();
    this.#completer.type("\n");
  }

  #mayRecall() {
    const { value, selectionStart } = this.#text;
    if (this.#changing.event) return false;
    return (value === "" || this.#recall.active) && !value.slice(0, selectionStart).includes("\n");
  }

  /** @param {1 | -1} step */
  #bringBack(step) {
    const text = this.room && this.#recall.step(this.room.key, step, this.#text.value);
    if (text === null) return;
    this.#text.value = text;
    this.#text.setSelectionRange(text.length, text.length);
    this.#changed();
  }

  #send() {
    const { replacing } = this.#completer;
    if (replacing) {
      replacing.then(() => this.#send());
      return;
    }
    const text = this.#text.value;
    if (this.#changing.event) return this.#sendChange(this.#changing.event, text.trimEnd());
    const { room } = this;
    if (!room) return;
    if (!text.trim() && !this.#chat.uploads.of(room).length) return;
    this.#countUp();
    if (this.classList.contains("too-long")) return;
    if (!this.onsend(text, this.#reply)) return;
    if (text.trim() && !this.#commands.isSecret(text)) this.#recall.note(room.key, text);
    if (this.#text.value === text) this.#fill();
    this.#keepDraft();
    this.#completer.close();
  }

  /**
   * @param {LogEvent} event
   * @param {string} text
   */
  #sendChange(event, text) {
    this.#countUp();
    if (!this.room || this.classList.contains("too-long")) return;
    if (!text.trim() && !event.files?.length) return this.onempty(event);
    this.#stopChanging();
    this.#completer.close();
    if (text !== event.text) this.#chat.amending.edit(this.room, event, text);
  }

  // Writing

  /** @param {InputEvent} event */
  #typed({ inputType, isComposing }) {
    this.#recall.stop();
    const { value, selectionEnd } = this.#text;
    // What was pasted, or brought back by undoing, stays as it is, and the user writes on behind it.
    if (inputType === "historyUndo") this.#text.setSelectionRange(selectionEnd, selectionEnd);
    if (inputType === "insertText" && !isComposing) this.#completer.replaceEmoji();
    if (this.room && value.trim() && !value.startsWith("/") && !this.#changing.event) this.#chat.typing(this.room);
    this.#changed();
    this.#completer.complete();
  }

  #changed() {
    this.#countUp();
    this.#grow();
    this.#keepSoon();
  }

  #grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight}px`;
  }

  #countUp() {
    const { left, unit } = spare(this.#text.value.trimEnd(), this.#chat.limits);
    this.classList.toggle("too-long", left < 0);
    this.#text.setAttribute("aria-invalid", String(left < 0));
    const count = `${Math.abs(left).toLocaleString()}${unit}`;
    this.#count.textContent = left === Infinity ? "" : `${count} ${left < 0 ? "too many" : "left"}`;
  }

  // Drafts

  /** @param {Draft} [draft] none: the field is empty */
  #fill(draft) {
    this.#text.value = draft?.text ?? "";
    this.#countUp();
    this.#grow();
    const reply = draft?.reply ?? null;
    this.#reply = reply;
    if (!this.#changing.event) this.classList.remove("changing");
    this.#chip.hidden = !reply;
    this.#chip.replaceChildren();
    if (reply && this.focused) this.replyTo(reply);
    else if (reply) this.#chip.replaceChildren(icon("reply"), `Reply to ${safe(reply.by)}`);
  }

  #keepSoon() {
    clearTimeout(this.#keeping);
    this.#keeping = setTimeout(() => this.#keepDraft(), DRAFT_MS);
  }

  #keepDraft() {
    clearTimeout(this.#keeping);
    if (!this.room || this.#changing.event) return;
    const text = this.#text.value;
    const worth = (text && !this.#commands.isSecret(text)) || this.#reply;
    this.#drafts.keep(this.room.key, worth ? { text, reply: this.#reply } : undefined);
  }

  #otherTabWrote() {
    const writing = this.focused && this.#text.value;
    if (this.room && !writing && !this.#changing.event) this.#fill(this.#drafts.of(this.room.key));
  }
}

customElements.define("hub-composer", Composer);
