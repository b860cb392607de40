/** Where one writes: text, answers, drafts, and what was sent before. */
import { Shared } from "../keep/shared.js";
import { safe } from "../text/safe.js";
import { Completer } from "./completer.js";
import { composes, el, icon, iconButton } from "./dom.js";
import { excerpt } from "./rows.js";

const MAX_RECALL = 50;
const MAX_DRAFTS = 50;
const DRAFT_MS = 300;
const WARN = 0.8; // of the longest text: from there on the count is shown
const LINE_END = /[\n\v\f\x1c-\x1e\x85\u2028\u2029]/; // all that the server takes for one

export class Composer extends HTMLElement {
  onsend = () => true; // a text and a reply; false keeps the text
  onescape = () => {};
  room = null;
  #chat;
  #reply = null;
  #sent = new Map(); // by room: texts, the newest last
  #recalled = null; // {place, draft} while one looks at those
  #drafts = new Shared("drafts", {});
  #keeping = 0;
  #completer;
  #text = el("textarea", {
    rows: "1",
    dir: "auto",
    id: "message",
    enterkeyhint: "send",
    autocapitalize: "sentences",
    "aria-autocomplete": "list",
    "aria-controls": "completions",
    "aria-describedby": "count enter-does",
  });

  #count = el("span", { id: "count", class: "count" });
  #chip = el("div", { class: "reply-to", hidden: true });
  #hint = el("p", { id: "enter-does" }, "Enter sends", el("span", {}, ", Shift+Enter begins a new line"));

  attach(chat, commands) {
    this.#chat = chat;
    this.#completer = new Completer(this.#text, chat, commands);
    this.#completer.onchange = () => this.#changed();
    const send = iconButton("send", "Send", { type: "submit", class: "icon-button send" });
    const newLine = iconButton("newLine", "New line", { class: "icon-button new-line" });
    // The field keeps the focus, and a phone its keyboard.
    newLine.addEventListener("pointerdown", (event) => event.preventDefault());
    newLine.addEventListener("click", () => this.#newLine());
    const form = el("form", { autocomplete: "off" }, this.#text, this.#count, newLine, send);
    this.append(this.#hint, this.#completer.popup, this.#chip, form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#text.addEventListener("keydown", (event) => this.#key(event));
    this.#text.addEventListener("input", (event) => this.#typed(event));
    this.#text.addEventListener("compositionend", () => this.#completer.replaceEmoji());
    this.#drafts.changed.on(() => this.#otherTabWrote());
    addEventListener("pagehide", () => this.#keepDraft());
    return this;
  }

  focus() {
    this.#text.focus();
  }

  get focused() {
    return document.activeElement === this.#text;
  }

  get value() {
    return this.#text.value;
  }

  /** Writes in another room: its draft comes back. */
  show(room) {
    if (this.room && this.room !== room) this.#keepDraft();
    this.room = room;
    this.#recalled = null;
    this.#text.placeholder = `Message ${safe(room.name)}`;
    this.#text.setAttribute("aria-label", `Message ${room.name}`);
    this.#fill(this.#drafts.value[room.key]);
    this.#completer.show(room);
  }

  /** Writes somebody's name where the cursor is. */
  mention(name) {
    this.focus();
    const { value, selectionStart } = this.#text;
    const apart = /\S$/.test(value.slice(0, selectionStart)) ? " " : "";
    this.#completer.type(`${apart}@${name} `);
  }

  /** Answers an event; null answers none. */
  replyTo(event) {
    this.#reply = event && { seq: event.seq, by: event.by, text: event.text };
    this.#chip.hidden = !event;
    this.#chip.replaceChildren();
    if (event) {
      this.#chip.append(
        icon("reply"),
        el("span", {}, "Reply to ", el("bdi", { class: "by" }, safe(event.by)), " "),
        el("bdi", { class: "excerpt" }, excerpt(event.text)),
        iconButton("close", "Cancel the reply", { onclick: () => this.replyTo(null) }),
      );
    }
    this.#keepSoon();
    this.focus();
  }

  /** Puts a text in, to be changed and sent again. */
  edit(text, reply = null) {
    this.#fill({ text, reply });
    this.focus();
  }

  // Keys

  #key(event) {
    if (composes(event)) return;
    const act = (this.#completer.open && this.#completer.key(event)) || this.#fieldKey(event);
    if (act) {
      event.preventDefault();
      act();
    }
  }

  #fieldKey({ key, shiftKey, ctrlKey, altKey, metaKey }) {
    if (key === "Enter" && !shiftKey && !altKey) return () => this.#send();
    if (ctrlKey || altKey || metaKey || shiftKey) return null;
    if (key === "ArrowUp" && this.#mayRecall(-1)) return () => this.#recall(-1);
    if (key === "ArrowDown" && this.#recalled) return () => this.#recall(1);
    if (key === "Escape") return () => (this.#reply ? this.replyTo(null) : this.onescape());
    return null;
  }

  #newLine() {
    this.focus();
    this.#completer.type("\n");
  }

  // What was sent before

  #mayRecall() {
    const { value, selectionStart } = this.#text;
    return (value === "" || this.#recalled) && !value.slice(0, selectionStart).includes("\n");
  }

  #recall(step) {
    const sent = this.#sent.get(this.room.key) ?? [];
    this.#recalled ??= { place: sent.length, draft: this.#text.value };
    const place = this.#recalled.place + step;
    if (place < 0) return;
    if (place >= sent.length) {
      this.#set(this.#recalled.draft);
      this.#recalled = null;
      return;
    }
    this.#recalled.place = place;
    this.#set(sent[place]);
  }

  #send() {
    const { replacing } = this.#completer;
    if (replacing) {
      replacing.then(() => this.#send());
      return;
    }
    const text = this.#text.value;
    if (!text.trim() || !this.room) return;
    this.#countUp();
    if (this.classList.contains("too-long")) return;
    if (!this.onsend(text, this.#reply)) return;
    const sent = [...(this.#sent.get(this.room.key) ?? []).filter((one) => one !== text), text];
    this.#sent.delete(this.room.key);
    this.#sent.set(this.room.key, sent.slice(-MAX_RECALL));
    if (this.#sent.size > MAX_DRAFTS) this.#sent.delete(this.#sent.keys().next().value);
    this.#recalled = null;
    if (this.#text.value === text) this.#fill(null);
    this.#keepDraft();
    this.#completer.close();
  }

  // Writing

  #typed({ inputType, isComposing }) {
    this.#recalled = null;
    const { value } = this.#text;
    // What was pasted, or brought back by undoing, stays as it is. Then one writes on behind it.
    const { selectionEnd } = this.#text;
    if (inputType === "historyUndo") this.#text.setSelectionRange(selectionEnd, selectionEnd);
    if (inputType === "insertText" && !isComposing) this.#completer.replaceEmoji();
    if (value.trim() && !value.startsWith("/")) this.#chat.typing(this.room);
    this.#changed();
    this.#completer.complete();
  }

  #set(text) {
    this.#text.value = text;
    this.#text.setSelectionRange(text.length, text.length);
    this.#changed();
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
    const [left, unit] = spare(this.#text.value.trimEnd(), this.#chat.limits);
    this.classList.toggle("too-long", left < 0);
    this.#text.setAttribute("aria-invalid", String(left < 0));
    const count = `${Math.abs(left).toLocaleString()}${unit}`;
    this.#count.textContent = left === Infinity ? "" : `${count} ${left < 0 ? "too many" : "left"}`;
  }

  // Drafts

  #fill(draft) {
    this.#text.value = draft?.text ?? "";
    this.#countUp();
    this.#grow();
    const reply = draft?.reply ?? null;
    const focused = this.focused;
    this.#reply = reply;
    this.#chip.hidden = !reply;
    if (reply && focused) this.replyTo(reply);
    else if (reply) this.#chip.replaceChildren(icon("reply"), `Reply to ${safe(reply.by)}`);
  }

  #keepSoon() {
    clearTimeout(this.#keeping);
    this.#keeping = setTimeout(() => this.#keepDraft(), DRAFT_MS);
  }

  #keepDraft() {
    clearTimeout(this.#keeping);
    if (!this.room) return;
    const { [this.room.key]: before, ...others } = this.#drafts.fresh();
    const text = this.#text.value;
    const now = text || this.#reply ? { text, reply: this.#reply } : undefined;
    if (JSON.stringify(now) === JSON.stringify(before)) return;
    const kept = Object.entries(others).slice(-MAX_DRAFTS + 1);
    this.#drafts.value = Object.fromEntries(now ? [...kept, [this.room.key, now]] : kept);
  }

  #otherTabWrote() {
    const writing = this.focused && this.#text.value;
    if (this.room && !writing) this.#fill(this.#drafts.value[this.room.key]);
  }
}

/** What a text leaves of the server's limits, once it is near one: [how many, of what]; else Infinity. */
function spare(text, limits) {
  const lines = text.split(LINE_END).length;
  const left = { chars: Infinity, lines: Infinity };
  if (text.length > limits?.text * WARN) left.chars = limits.text - Array.from(text).length;
  if (lines > limits?.lines * WARN) left.lines = limits.lines - lines;
  if (left.chars <= left.lines) return [left.chars, ""];
  return [left.lines, Math.abs(left.lines) === 1 ? " line" : " lines"];
}

customElements.define("hub-composer", Composer);
