/** Completion where one writes: the choices for what is before the cursor, and emoji for their names. */
import { justTyped, offer } from "../text/completion.js";
import { byName, keyOf } from "../text/names.js";
import "./popup.js";

export class Completer {
  popup = document.createElement("hub-popup");
  onchange = () => {}; // another text is in the field now
  replacing = null; // a promise while an emoji's name was typed, and its face is not known yet
  #field;
  #chat;
  #room = null;
  #asked = 0;
  #offered = null;

  constructor(field, chat) {
    this.#field = field;
    this.#chat = chat;
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
    this.popup.offer(offered?.choices ?? [], this.#field);
  }

  close() {
    this.#asked += 1;
    this.popup.offer([], this.#field);
  }

  get open() {
    return this.popup.open;
  }

  /** What a key does while choices are offered, or null; `send` sends the text. */
  key({ key, shiftKey }, send) {
    const move = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (move) return () => this.popup.move(move, this.#field);
    const pick = () => this.#pick(this.popup.choice);
    if (key === "Tab" && !shiftKey) return pick;
    if (key === "Enter" && !shiftKey) {
      // A command that is whole is done; else Enter takes what is chosen.
      const { text, whole } = this.popup.choice;
      return whole && text.trim() === this.#field.value.trim() ? send : pick;
    }
    if (key === "Escape") return () => this.close();
    return null;
  }

  #known() {
    const me = keyOf(this.#chat.user);
    const recent = this.#room.window.tail.map(({ by }) => by).reverse();
    const names = new Map([...recent, ...this.#room.members.values()].map((name) => [keyOf(name), name]));
    names.delete(me);
    const rooms = this.#chat.rooms.list.map(({ name }) => name).sort(byName);
    return { names: [...names.values()], rooms };
  }

  #pick({ text }) {
    const { selectionEnd } = this.#field;
    this.#field.setRangeText(text, this.#offered.start, selectionEnd, "end");
    this.close();
    this.onchange();
    if (text.endsWith(" ") && this.#field.value.startsWith("/")) this.complete();
  }

  /** Replaces the `:name:` that was just typed by its emoji. */
  async replaceEmoji() {
    const { value, selectionEnd: end } = this.#field;
    const asked = justTyped(value.slice(0, end));
    if (!asked) return;
    const replacing = (this.replacing = this.#replace(asked, this.#room, value.slice(0, end)));
    await replacing;
    if (this.replacing === replacing) this.replacing = null;
  }

  async #replace(asked, room, before) {
    const found = await asked;
    const end = before.length;
    if (!found || this.#room !== room || !this.#field.value.startsWith(before)) return;
    this.#field.setRangeText(found.text, end - found.length, end, "preserve");
    this.onchange();
  }
}
