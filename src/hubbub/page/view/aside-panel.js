/** Some messages of a room: what is pinned to it, or a conversation, with a field for an answer. It is fetched with the dialogs. */
import { Changes } from "../chat/changes.js";
import { quotable } from "../text/attached.js";
import { excerpt } from "../text/excerpt.js";
import { isMessage } from "../text/kinds.js";
import { spare } from "../text/limits.js";
import { safe } from "../text/safe.js";
import { offerFiles } from "./attachments.js";
import { el } from "./dom.js";
import { composes, targetOf } from "./events.js";
import { Folding } from "./folding.js";
import { icon, iconButton } from "./icons.js";
import { layout } from "./layout.js";
import { offerTools } from "./message-tools.js";
import { nextFrame } from "./next-frame.js";
import { RowNodes } from "./row-nodes.js";
import { renewRow, rowNode } from "./rows.js";

const RETOLD = new Set(["pinned", "trimmed", "forgotten"]); // kinds after which what is pinned is asked for again

/**
 * @typedef {import("../chat/room.js").Room} Room
 * @typedef {import("../text/kinds.js").LogEvent} LogEvent
 * @typedef {import("../keep/drafts.js").Reply} Reply
 * @typedef {import("./layout.js").Row} Row
 */

export class AsidePanel {
  #chat;
  #place;
  #onsend;
  /** @type {Room | null} */
  #room = null;
  /** @type {number | null} */
  #target = null;
  /** @type {LogEvent[]} */
  #events = [];
  /** @type {LogEvent | null} the message that is answered, if it is not the one around which all this is */
  #answered = null;
  #asked = 0;
  #folding = new Folding();
  #title = el("h2");
  #status = el("p", { role: "status", class: "quiet" });
  #rows = el("div", { class: "rows", tabindex: "0", role: "group" });
  /** @type {RowNodes<Row>} */
  #nodes = new RowNodes(this.#rows);
  #chip = el("div", { class: "reply-to", hidden: true });
  #text = el("textarea", { rows: "1", dir: "auto", enterkeyhint: "send", "aria-label": "Answer in this conversation", placeholder: "Answer" });
  #form = el("form", { autocomplete: "off" }, this.#text, iconButton("send", "Send the answer", { type: "submit", class: "icon-button send" }));
  #draw = () => this.#patch();

  /**
   * @param {import("../chat/chat.js").Chat} chat
   * @param {HTMLElement} place where it is shown
   * @param {(text: string, reply: Reply) => boolean} onsend
   */
  constructor(chat, place, onsend) {
    this.#chat = chat;
    this.#place = place;
    this.#onsend = onsend;
    const close = iconButton("close", "Close", { "data-do": "aside" });
    place.append(el("div", { class: "head" }, this.#title, close), this.#status, this.#rows, this.#chip, this.#form);
    offerTools(this.#rows);
    offerFiles(this.#rows, chat);
    this.#rows.addEventListener("click", (event) => {
      /** @type {HTMLElement | null} */
      const fold = targetOf(event).closest(".fold");
      if (fold) this.#folding.toggle(fold);
    });
    this.#rows.addEventListener("keydown", (event) => this.#move(event));
    this.#text.addEventListener("keydown", (event) => {
      if (composes(event) || event.key !== "Enter" || event.shiftKey || event.altKey) return;
      event.preventDefault();
      this.#send();
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    chat.arriving.took.on((room, events) => room === this.#room && this.#took(events));
    chat.arriving.caughtUp.on((room) => room === this.#room && this.#load());
    chat.rooms.roomChanged.on((room) => room === this.#room && nextFrame(this.#draw));
  }

  /**
   * Shows the conversation around a message; null: what is pinned.
   * @param {Room} room
   * @param {number | null} target
   */
  show(room, target) {
    const same = room === this.#room && target === this.#target;
    this.#room = room;
    this.#target = target;
    this.#form.hidden = target === null;
    this.#title.textContent = target === null ? "Pinned" : "Conversation";
    this.#rows.setAttribute("aria-label", target === null ? "Pinned messages" : "Messages of the conversation");
    if (!same) {
      this.#events = [];
      this.#text.value = "";
      this.replyTo(null);
      this.#patch();
    }
    this.#load();
    if (target === null || matchMedia("(pointer: coarse)").matches) this.#rows.focus();
    else this.#text.focus();
  }

  /** Nothing of it stays. */
  clear() {
    this.#room = null;
    this.#events = [];
    this.#text.value = "";
    this.#nodes.clear();
  }

  /** @param {number} seq */
  find(seq) {
    return this.#events.find((event) => event.seq === seq);
  }

  /**
   * Answers one of the messages; null: the one around which they are.
   * @param {LogEvent | null} event
   */
  replyTo(event) {
    this.#answered = event && event.seq !== this.#target ? event : null;
    const { by = "" } = this.#answered ?? {};
    this.#chip.hidden = !this.#answered;
    this.#chip.replaceChildren(
      icon("reply"),
      el("span", {}, "Answer to ", el("bdi", { class: "by" }, safe(by))),
      el("bdi", { class: "excerpt" }, excerpt(quotable(this.#answered ?? {}))),
      iconButton("close", "Answer the first message instead", { onclick: () => this.replyTo(null) }),
    );
    if (event) this.#text.focus();
  }

  #send() {
    const text = this.#text.value;
    const answered = this.#answered ?? this.find(this.#target ?? 0);
    if (!text.trim() || !answered) return;
    const { left, unit } = spare(text.trimEnd(), this.#chat.limits);
    if (left < 0) {
      this.#status.textContent = `That is too long by ${Math.abs(left).toLocaleString()}${unit}.`;
      return;
    }
    const { seq, by, by_id } = answered;
    if (!this.#onsend(text, { seq, by, by_id, text: quotable(answered) })) return;
    this.#status.textContent = "";
    this.#text.value = "";
    this.replyTo(null);
  }

  // What is in it

  async #load() {
    const room = this.#room;
    if (!room) return;
    const asked = ++this.#asked;
    if (!this.#events.length) this.#status.textContent = "Looking…";
    try {
      const { amending } = this.#chat;
      const { events, more } = await (this.#target === null ? amending.pins(room) : amending.conversation(room, this.#target));
      if (asked !== this.#asked || room !== this.#room) return; // something else is shown by now
      const newer = this.#target === null ? [] : this.#events.filter(({ seq }) => seq > (events.at(-1)?.seq ?? 0));
      this.#events = [...events.filter(isMessage), ...newer];
      this.#status.textContent = more ? "What is older in it is not shown." : this.#events.length ? "" : "Nothing is pinned.";
    } catch (error) {
      if (asked === this.#asked) this.#status.textContent = /** @type {Error} */ (error).message;
    }
    this.#patch();
  }

  /** @param {LogEvent[]} events */
  #took(events) {
    const changes = new Changes(events);
    if (!changes.none) this.#events = this.#events.filter(({ seq }) => seq > changes.floor).map((event) => changes.applied(event));
    this.#reviseAnswered();
    if (this.#target === null) {
      this.#events = this.#events.filter(({ redacted }) => !redacted);
      if (events.some(({ kind }) => RETOLD.has(kind))) this.#load();
      return;
    }
    const known = new Set(this.#events.map(({ seq }) => seq));
    for (const event of events) {
      if (!isMessage(event) || known.has(event.seq) || !known.has(event.reply_to ?? 0)) continue;
      known.add(event.seq);
      this.#events.push(changes.applied(event));
    }
  }

  /** What is answered may have been changed, or taken back. */
  #reviseAnswered() {
    const answered = this.#answered && this.find(this.#answered.seq);
    if (answered === this.#answered) return;
    const text = answered && !answered.redacted ? excerpt(quotable(answered)) : null;
    if (text === null) return this.replyTo(null);
    this.#answered = answered ?? null;
    const quoted = this.#chip.querySelector(".excerpt");
    if (quoted) quoted.textContent = text;
  }

  #patch() {
    const room = this.#room;
    if (!room || this.#place.hidden) return;
    const scene = { me: this.#chat.user, room, chat: this.#chat, folding: this.#folding };
    const atEnd = this.#rows.scrollHeight - this.#rows.scrollTop - this.#rows.clientHeight < 8;
    const rows = this.#target === null ? this.#events.flatMap((event) => this.#layout(room, [event])) : this.#layout(room, this.#events);
    this.#nodes.show(rows, (row) => this.#node(row, scene), (node, row) => renewRow(node, row, scene));
    if (atEnd && this.#target !== null) this.#rows.scrollTop = this.#rows.scrollHeight;
  }

  /** @type {(room: Room, events: LogEvent[]) => Row[]} */
  #layout(room, events) {
    const known = new Set(events.map(({ seq }) => seq));
    const { queue, amending, user } = this.#chat;
    return layout({
      events,
      waiting: this.#target === null ? [] : queue.of(room.key).filter(({ reply }) => reply && known.has(reply.seq)),
      shown: amending.showing(room),
      divider: null,
      cleared: 0,
      oldest: false,
      newest: this.#target !== null,
      me: user,
      ignores: (name, id) => this.#chat.ignores(name, id),
    });
  }

  /** @type {(row: Row, scene: import("./rows.js").Scene) => HTMLElement} */
  #node(row, scene) {
    const node = rowNode(row, scene);
    if (row.kind === "said" && this.#target === null) {
      const go = el("button", { type: "button", class: "plain", "data-do": "goto", "data-seq": row.seq }, "Show it in the room");
      node.querySelector(".body")?.append(go);
    }
    return node;
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    /** @type {HTMLElement[]} */
    const rows = [...this.#rows.querySelectorAll(/** @type {any} */ (".said[data-seq]"))];
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    rows[at < 0 ? (step < 0 ? rows.length - 1 : 0) : at + step]?.focus();
  }
}
