/** The nodes of the timeline's rows. */
import { quotable } from "../text/attached.js";
import { comings, leavesOutNames, wordsOf } from "../text/comings.js";
import { excerpt } from "../text/excerpt.js";
import { hueOf, initialOf } from "../text/names.js";
import { safe } from "../text/safe.js";
import { sentenceOf } from "../text/sentences.js";
import { dayName, fullTimeOf, isoOf, timeOf } from "../text/when.js";
import { attachments } from "./attachments.js";
import { el } from "./dom.js";
import { extras, renewExtras } from "./extras.js";
import { renderSaid } from "./render.js";

const ROOM_BEGINS = "This is the beginning of the room. Everything that is said here is saved, and stays.";
const HIDDEN = "…"; // what somebody has said whom the user ignores
const TAKEN_AWAY = "(This message was taken away.)";
const TAKEN_BACK = "(This message was taken back.)";
const DIRECT_BEGINS = "What is said here is between you: nobody else can read it. It is saved, and stays.";

/**
 * What rows need beside what is in them.
 * @typedef {object} Scene
 * @property {string} me
 * @property {import("../chat/room.js").Room} room
 * @property {import("../chat/chat.js").Chat} chat
 * @property {import("./folding.js").Folding} folding
 */

/**
 * The node of a row of `layout`.
 * @param {import("./layout.js").Row} row
 * @param {Scene} scene
 */
export function rowNode(row, scene) {
  const node = made(row, scene);
  node.dataset.key = row.key;
  if ("seq" in row) {
    node.dataset.seq = String(row.seq);
    node.tabIndex = -1;
  }
  return node;
}

/**
 * Brings up to date what is below a message.
 * @param {HTMLElement} node
 * @param {import("./layout.js").Row} row
 * @param {Scene} scene
 */
export function renewRow(node, row, scene) {
  if (row.kind !== "said") return;
  renewExtras(node, row, scene);
  if (row.event.text || row.event.files?.length || row.event.redacted) showState(node, row, scene.chat.isMine(row.event));
}

/**
 * @param {import("./layout.js").Row} row
 * @param {Scene} scene
 * @returns {HTMLElement}
 */
function made(row, scene) {
  switch (row.kind) {
    case "begin":
      return el(
        "div",
        { class: "begin" },
        el("h2", {}, !scene.room.direct && "# ", el("bdi", {}, safe(scene.room.title))),
        el("p", {}, scene.room.direct ? DIRECT_BEGINS : ROOM_BEGINS),
      );
    case "day":
      return el("h3", { class: "day" }, el("span", {}, dayName(row.at)));
    case "new":
      return el("div", { class: "new", role: "separator" }, el("span", {}, "new since you left"));
    case "presence":
      return presenceRow(row);
    case "notice":
      return el("div", { class: "presence" }, el("p", { dir: "auto" }, noticeOf(row.event)), timeNode(row.event.at));
    case "said":
      return saidRow(row, scene);
    default:
      return unsentRow(row, scene);
  }
}

/**
 * @param {import("./layout.js").Said} row
 * @param {Scene} scene
 */
function saidRow(row, scene) {
  const { key, event, head } = row;
  const { me, room, chat, folding } = scene;
  const mine = chat.isMine(event);
  const { node, body } = message(event.by, event.at, head, mine);
  if (!room.direct && chat.concerns(room, event)) node.classList.add("mentioned");
  const answered = event.quote ?? (event.reply_to ? room.window.find(event.reply_to) : null);
  const hidden = answered && chat.ignores(answered.by, answered.by_id);
  if (event.reply_to) body.append(quote(event.reply_to, hidden ? { by: answered.by, text: HIDDEN } : answered));
  const text = el("div", { class: "text" });
  if (event.text) renderSaid(text, event.by, event.text, mine ? null : me);
  else if (!event.files?.length || event.redacted) {
    node.classList.add("gone");
    text.append(el("p", { class: "quiet" }, event.redacted ? takenBack(event) : TAKEN_AWAY));
  }
  if (event.edited_at) addBehind(text, " ", edited(event.edited_at, chat.amending.maySeeVersions(room, event)));
  body.append(text);
  folding.add(body, text, event.text, key);
  if (event.files?.length && !event.redacted) body.append(attachments(event.files, chat));
  body.append(extras(row, scene));
  showState(node, row, mine);
  return node;
}

/**
 * Shows whether a message of the user is saved, and what they have changed of one.
 * @param {Element} node
 * @param {import("./layout.js").Said} row
 * @param {boolean} mine
 */
function showState(node, { waiting }, mine) {
  const text = node.querySelector(".text");
  if (!text) return;
  const files = text.hasChildNodes() ? null : node.querySelector(".files");
  node.querySelector(".state")?.remove();
  const place = files ?? text;
  const waits = waiting.some(({ why, amend }) => !why && amend?.kind !== "reacted");
  node.classList.toggle("waiting", waits);
  if (waits) addState(place, "waiting", "Not sent yet");
  else if (mine && !node.classList.contains("gone")) addState(place, "saved", "Saved on the server’s disk");
}

/** @param {import("../text/kinds.js").LogEvent} event */
const takenBack = ({ redacted, by }) => `(taken back by ${safe(redacted?.by ?? by)})`;

/**
 * That a text was changed, and when; for who may see it, a button that shows what it said before.
 * @param {number} at
 * @param {boolean} opens
 */
function edited(at, opens) {
  const title = `Changed ${fullTimeOf(at)}`;
  if (!opens) return el("span", { class: "edited", title }, "(edited)");
  return el("button", { type: "button", class: "plain edited", "data-do": "versions", title, "aria-description": "Shows what it said before" }, "(edited)");
}

/**
 * The sentence of an event; one of a message leads there.
 * @param {import("../text/kinds.js").LogEvent} event
 */
function noticeOf(event) {
  const sentence = sentenceOf(event);
  if (!event.target) return sentence;
  return el("button", { type: "button", class: "plain", "data-do": "goto", "data-seq": event.target }, sentence);
}

/**
 * @param {import("./layout.js").Unsent} row
 * @param {Scene} scene
 */
function unsentRow({ key, line, head }, { me, chat, folding }) {
  const { node, body } = message(line.sentAs ?? me, line.at, head, true);
  const failed = Boolean(line.why);
  node.classList.add(failed ? "failed" : line.held ? "held" : "waiting");
  if (line.reply) body.append(quote(line.reply.seq, line.reply));
  const text = el("div", { class: "text" });
  renderSaid(text, line.sentAs ?? me, line.text, null);
  body.append(text);
  folding.add(body, text, line.text, key);
  if (line.files?.length) body.append(attachments(line.files, chat));
  if (!failed && !line.held) {
    addState(text, "waiting", "Not sent yet");
    if (line.unsaved) body.append(el("p", { class: "why", role: "status" }, "The server cannot save it just now. It is sent again by itself."));
    return node;
  }
  const button = (/** @type {string} */ act, /** @type {string} */ label) =>
    el("button", { type: "button", "data-do": act, "data-nonce": line.nonce }, label);
  const why = el("span", {}, failed ? `Not sent. ${line.why} ` : "Waits until a moderator has looked at it. ");
  const ways = failed ? [button("retry", "Try again"), button("edit", "Edit"), button("discard", "Discard")] : [button("discard", "Hide it")];
  body.append(el("p", { class: "why", role: "status" }, why, ...ways));
  return node;
}

/**
 * The node of a message, and the part of it where its text belongs.
 * @param {string} by
 * @param {number} at
 * @param {boolean} head
 * @param {boolean} mine
 */
function message(by, at, head, mine) {
  const classes = ["said", head && "head", mine && "mine"].filter(Boolean).join(" ");
  const name = el("bdi", { class: "by", "data-hue": hueOf(by), "data-do": "author-menu" }, safe(by));
  const body = el("div", { class: "body" });
  const side = el("div", { class: "side" });
  if (head) {
    side.append(el("span", { class: "face", "data-hue": hueOf(by), "aria-hidden": "true" }, initialOf(by)));
    body.append(el("div", { class: "line" }, name, " ", timeNode(at)));
  } else {
    side.append(timeNode(at));
    body.append(el("span", { class: "unseen" }, name, ": "));
  }
  return { node: el("article", { class: classes }, side, body), body };
}

/** @param {number} at */
const timeNode = (at) => el("time", { datetime: isoOf(at), title: fullTimeOf(at) }, timeOf(at));

/**
 * The button that shows to which message this one replies, and goes there.
 * @param {number} seq
 * @param {{by?: string, text?: string, files?: import("../text/kinds.js").File[]} | null | undefined} said
 */
function quote(seq, said) {
  const words = said && quotable(said);
  const text = words ? excerpt(words) : said?.text === "" ? TAKEN_BACK : `message ${seq}`;
  const by = said?.by ? [el("bdi", { class: "by" }, safe(said.by)), " "] : [];
  return el(
    "button",
    { type: "button", class: "quote", "data-do": "goto", "data-seq": seq },
    el("span", { class: "unseen" }, "In reply to "),
    ...by,
    el("bdi", {}, text),
  );
}

/**
 * Shows whether a message is saved: behind its last words, beside a block that has none, or behind its files.
 * @param {Element} text
 * @param {string} name
 * @param {string} label
 */
function addState(text, name, label) {
  addBehind(text, el("span", { class: `state ${name}`, role: "img", "aria-label": label, title: label }));
}

/** @type {(text: Element, ...marks: (Element | string)[]) => void} */
function addBehind(text, ...marks) {
  const last = text.lastElementChild;
  (last?.matches("p, blockquote") ? last : text).append(...marks);
}

/** @param {import("./layout.js").Presence} row */
function presenceRow({ events }) {
  const happened = comings(events);
  const time = timeNode(events[0].at);
  const all = el("p", { dir: "auto" }, wordsOf(happened, true));
  if (!leavesOutNames(happened)) return el("div", { class: "presence" }, all, time);
  const folded = el("summary", {}, wordsOf(happened, false), " ", time);
  return el("div", { class: "presence" }, el("details", {}, folded, all));
}
