/** Completion in the text field: suggestions for what is before the cursor, and emoji in place of their names. */
import { FORMER_MEMBER } from "../chat/forgetting.js";
import { endsFace, faceOf, offer } from "../text/completion.js";
import { byName, keyOf } from "../text/names.js";
import { isModified } from "./events.js";
import { Popup } from "./popup.js";

const PAUSE_MS = 150; // without a key, until the server is asked for rooms

/** @typedef {import("../chat/room.js").Room} Room */

export class Completer {
  popup = new Popup();
  onchange = () => {}; // called when another text is in the field
  /** @type {Promise<unknown> | null} */
  replacing = null; // while an emoji's name was typed and its character is not known yet
  /** @type {string[]} */
  #named = []; // what was before the cursor when such names were typed
  #field;
  #chat;
  #commands;
  /** @type {Room | null} */
  #room = null;
  #asked = 0; // how often suggestions were asked for: only the last answer counts
  #start = 0; // where the text begins that a suggestion replaces

  /**
   * @param {HTMLTextAreaElement} field
   * @param {import("../chat/chat.js").Chat} chat
   * @param {import("../text/commands.js").Commands} commands
   */
  constructor(field, chat, commands) {
    this.#field = field;
    this.#chat = chat;
    this.#commands = commands;
    this.popup.onpick = (choice) => this.#pick(choice);
    field.addEventListener("blur", () => this.close());
    field.addEventListener("click", () => this.complete());
  }

  /**
   * The user writes in another room, which has other names.
   * @param {Room} room
   */
  show(room) {
    this.#room = room;
    this.close();
  }

  /** Suggests how what is before the cursor may go on. */
  async complete() {
    const asked = ++this.#asked;
    const { value, selectionStart, selectionEnd } = this.#field;
    const room = selectionStart === selectionEnd ? this.#room : null;
    const offered = room && (await offer(value.slice(0, selectionEnd), this.#known(room)));
    if (asked !== this.#asked) return;
    this.#show(offered);
    const [, word, typed] = /^\/(\w+)\s+(\S+)$/.exec(value.slice(0, selectionEnd)) ?? [];
    const joins = typed && this.#commands.meant(word)?.name === "join";
    if (joins && this.#room && this.#chat.rooms.directory.next) this.#findRooms(typed, asked, this.#room);
  }

  /** @param {import("../text/completion.js").Offer | null} offered */
  #show(offered) {
    this.#start = offered?.start ?? 0;
    this.popup.offer(offered?.choices ?? [], this.#field, offered?.asked);
  }

  /**
   * Suggests rooms that the server finds: of very many, not all are known here.
   * @param {string} typed
   * @param {number} asked
   * @param {Room} room
   */
  async #findRooms(typed, asked, room) {
    const meant = () => asked === this.#asked && !this.popup.choice;
    await new Promise((later) => setTimeout(later, PAUSE_MS));
    if (!meant()) return;
    const answer = await this.#chat.rooms.directory.find(typed);
    if (!answer || !meant()) return;
    const { selectionEnd, value } = this.#field;
    const offered = await offer(value.slice(0, selectionEnd), this.#known(room, answer.rooms));
    if (meant()) this.#show(offered);
  }

  close() {
    this.#asked += 1;
    this.popup.offer([], this.#field);
  }

  get open() {
    return this.popup.open;
  }

  /**
   * What a key does while suggestions are shown; null: what it always does. While the user writes on and has not
   * asked for them, Enter sends, and the arrow keys move the cursor.
   * @param {KeyboardEvent} event
   */
  key(event) {
    if (isModified(event)) return null;
    const { key } = event;
    const { choice, first } = this.popup;
    if ((key === "ArrowDown" || key === "ArrowUp") && (choice || !this.#field.value.includes("\n"))) {
      return () => this.popup.move(key === "ArrowDown" ? 1 : -1, this.#field);
    }
    const picked = choice ?? first;
    if (key === "Tab" && picked) return () => this.#pick(picked);
    // A command that is complete is to be done; of one that lacks something the user is told what.
    const done = choice?.whole && choice.text.trim() === this.#field.value.trim();
    if (key === "Enter" && choice && !done) return () => this.#pick(choice);
    if (key === "Escape") return () => this.close();
    return null;
  }

  /**
   * The names that may be suggested.
   * @param {Room} room
   * @param {{name: string}[]} found rooms that the server has found
   */
  #known({ members, window }, found = []) {
    // First the members, those who spoke last before the others; then those who have left.
    /** @type {(event: import("../text/kinds.js").LogEvent) => [string, string]} */
    const named = ({ by }) => [keyOf(by), by];
    const recent = window.tail.map(named).reverse();
    /** @type {[string, string][]} */
    const here = Array.from(members, ([key, { name }]) => [key, name]);
    const names = new Map([...recent.filter(([key]) => members.has(key)), ...here, ...recent]);
    for (const nobody of [this.#chat.user, FORMER_MEMBER]) names.delete(keyOf(nobody));
    const rooms = new Set([...this.#chat.rooms.directory.list, ...found].map(({ name }) => name));
    return { commands: this.#commands, names: [...names.values()], rooms: [...rooms].sort(byName) };
  }

  /** @param {import("../text/completion.js").Choice} choice */
  #pick({ text }) {
    const { selectionEnd, value } = this.#field;
    const end = selectionEnd + (text.endsWith(" ") && value[selectionEnd] === " " ? 1 : 0); // no second space
    this.#field.setSelectionRange(end, end);
    this.#put(text, this.#start, end);
    this.close();
    if (text.endsWith(" ") && this.#field.value.startsWith("/")) this.complete();
  }

  /**
   * Inserts a text at the cursor.
   * @param {string} text
   */
  type(text) {
    const { selectionStart: start, selectionEnd: end } = this.#field;
    this.#put(text, start, end);
    this.#field.setSelectionRange(start + text.length, start + text.length);
    this.close();
  }

  /** Replaces the `:name:` that was just typed with its emoji. */
  replaceEmoji() {
    const { value, selectionEnd } = this.#field;
    const before = value.slice(0, selectionEnd);
    if (!/:[a-z0-9_+-]+:$/.test(before) || /^[\w:]/.test(value.slice(selectionEnd))) return;
    this.#named.push(before);
    this.replacing ??= this.#replaceAll().finally(() => (this.replacing = null));
  }

  async #replaceAll() {
    const room = this.#room;
    // Inside of the key's event Safari would take it for a part of what is typed, and undo it together with that.
    await new Promise((later) => setTimeout(later));
    for (let before; (before = this.#named.shift()) !== undefined; ) {
      const found = endsFace(before) && (await faceOf(before));
      if (this.#room !== room) this.#named = [];
      else if (found && this.#field.value.startsWith(before)) this.#replace(before, found);
    }
  }

  /**
   * @param {string} before what is before the cursor; the name is its end
   * @param {{length: number, text: string}} emoji `length`: of the name
   */
  #replace(before, { length, text }) {
    const start = before.length - length;
    this.#put(text, start, before.length);
    // Names that were typed behind it meanwhile are behind the emoji now.
    const now = before.slice(0, start) + text;
    const moved = (/** @type {string} */ one) => (one.startsWith(before) ? now + one.slice(before.length) : one);
    this.#named = this.#named.map(moved);
  }

  /**
   * Replaces a part of the text, so that the browser can undo it; the cursor stays where it is.
   * @param {string} text
   * @param {number} start
   * @param {number} end
   */
  #put(text, start, end) {
    const field = this.#field;
    const { selectionStart, selectionEnd } = field;
    const moved = (/** @type {number} */ place) => (place < end ? Math.min(place, start) : place + text.length - (end - start));
    field.setSelectionRange(start, end);
    const focused = document.activeElement === field;
    // The only way that can be undone. It emits `input` itself.
    if (!focused || !document.execCommand("insertText", false, text)) {
      field.setRangeText(text, start, end, "end");
      this.onchange();
    }
    field.setSelectionRange(moved(selectionStart), moved(selectionEnd));
  }
}
