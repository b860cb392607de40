/** Completion where one writes: the choices for what is before the cursor, and emoji for their names. */
import { endsFace, faceOf, offer } from "../text/completion.js";
import { byName, keyOf } from "../text/names.js";
import "./popup.js";

const PAUSE_MS = 150; // without a key, until the server is asked for rooms

export class Completer {
  popup = document.createElement("hub-popup");
  onchange = () => {}; // another text is in the field now
  replacing = null; // a promise while an emoji's name was typed, and its face is not known yet
  #named = []; // what was before the cursor when such names were typed
  #field;
  #chat;
  #commands;
  #room = null;
  #asked = 0;
  #offered = null;

  constructor(field, chat, commands) {
    this.#field = field;
    this.#chat = chat;
    this.#commands = commands;
    this.popup.onpick = (choice) => this.#pick(choice);
    field.addEventListener("blur", () => this.close());
    field.addEventListener("click", () => this.complete());
  }

  /** Writes in another room, which has other names. */
  show(room) {
    this.#room = room;
    this.close();
  }

  /** Offers what is begun before the cursor. */
  async complete() {
    const asked = ++this.#asked;
    const { value, selectionStart, selectionEnd } = this.#field;
    const offered =
      selectionStart === selectionEnd && this.#room
        ? await offer(value.slice(0, selectionEnd), this.#known())
        : null;
    if (asked !== this.#asked) return;
    this.#offered = offered;
    this.popup.offer(offered?.choices ?? [], this.#field, offered?.asked);
    const [, word, typed] = /^\/(\w+)\s+(\S+)$/.exec(value.slice(0, selectionEnd)) ?? [];
    if (typed && this.#commands.meant(word)?.name === "join" && this.#room && this.#chat.rooms.directory.next) this.#findRooms(typed, asked);
  }

  /** Of very many rooms the server finds those that are meant. */
  async #findRooms(typed, asked) {
    const meant = () => asked === this.#asked && !this.popup.choice;
    await new Promise((later) => setTimeout(later, PAUSE_MS));
    if (!meant()) return;
    const answer = await this.#chat.rooms.directory.find(typed);
    if (!answer || !meant()) return;
    const { selectionEnd, value } = this.#field;
    const offered = await offer(value.slice(0, selectionEnd), this.#known(answer.rooms));
    if (!meant()) return;
    this.#offered = offered;
    this.popup.offer(offered?.choices ?? [], this.#field, offered?.asked);
  }

  close() {
    this.#asked += 1;
    this.popup.offer([], this.#field);
  }

  get open() {
    return this.popup.open;
  }

  /**
   * What a key does while choices are offered, or null when it means what it always does: Enter sends,
   * and the arrows move the cursor, while one writes on beside what one has not asked for.
   */
  key({ key, shiftKey, ctrlKey, altKey, metaKey }) {
    if (shiftKey || ctrlKey || altKey || metaKey) return null;
    const { choice, first } = this.popup;
    const move = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (move && (choice || !this.#field.value.includes("\n"))) {
      return () => this.popup.move(move, this.#field);
    }
    if (key === "Tab") return () => this.#pick(choice ?? first);
    // A command that is whole is done; of one that lacks something one is told what.
    const done = choice?.whole && choice.text.trim() === this.#field.value.trim();
    if (key === "Enter" && choice && !done) return () => this.#pick(choice);
    if (key === "Escape") return () => this.close();
    return null;
  }

  #known(found = []) {
    const { members, window } = this.#room;
    // Those who are here first, whoever spoke last before others; then those who have left.
    const recent = window.tail.map(({ by }) => [keyOf(by), by]).reverse();
    const names = new Map([...recent.filter(([key]) => members.has(key)), ...members, ...recent]);
    names.delete(keyOf(this.#chat.user));
    const rooms = new Set([...this.#chat.rooms.directory.list, ...found].map(({ name }) => name));
    return { commands: this.#commands, names: [...names.values()], rooms: [...rooms].sort(byName) };
  }

  #pick({ text }) {
    const { selectionEnd, value } = this.#field;
    const spaced = text.endsWith(" ") && value[selectionEnd] === " "; // is not doubled
    this.#field.setSelectionRange(selectionEnd + spaced, selectionEnd + spaced);
    this.#put(text, this.#offered.start, selectionEnd + spaced);
    this.close();
    if (text.endsWith(" ") && this.#field.value.startsWith("/")) this.complete();
  }

  /** Puts a text in at the cursor. */
  type(text) {
    const { selectionStart: start, selectionEnd: end } = this.#field;
    this.#put(text, start, end);
    this.#field.setSelectionRange(start + text.length, start + text.length);
    this.close();
  }

  /** Replaces the `:name:` that was just typed by its emoji. */
  replaceEmoji() {
    const { value, selectionEnd } = this.#field;
    const before = value.slice(0, selectionEnd);
    if (!/:[a-z0-9_+-]+:$/.test(before) || /^[\w:]/.test(value.slice(selectionEnd))) return;
    this.#named.push(before);
    this.replacing ??= this.#replaceAll().finally(() => (this.replacing = null));
  }

  async #replaceAll() {
    const room = this.#room;
    // Within the event of a key Safari would take it for a part of what is typed, and undo all of that.
    await new Promise((later) => setTimeout(later));
    while (this.#named.length) {
      const before = this.#named.shift();
      const found = endsFace(before) && (await faceOf(before));
      if (this.#room !== room) this.#named = [];
      else if (found && this.#field.value.startsWith(before)) this.#replace(before, found);
    }
  }

  #replace(before, { length, text }) {
    const start = before.length - length;
    this.#put(text, start, before.length);
    // What was typed behind it meanwhile now stands behind the emoji.
    const now = before.slice(0, start) + text;
    const moved = (one) => (one.startsWith(before) ? now + one.slice(before.length) : one);
    this.#named = this.#named.map(moved);
  }

  /** Puts a text in place of another one; the browser can undo it, and the cursor stays where it is. */
  #put(text, start, end) {
    const field = this.#field;
    const { selectionStart, selectionEnd } = field;
    const moved = (place) => (place < end ? Math.min(place, start) : place + text.length - (end - start));
    field.setSelectionRange(start, end);
    const focused = document.activeElement === field;
    // The only way that leaves something to undo. It says so itself, by an event.
    if (!focused || !document.execCommand("insertText", false, text)) {
      field.setRangeText(text, start, end, "end");
      this.onchange();
    }
    field.setSelectionRange(moved(selectionStart), moved(selectionEnd));
  }
}
