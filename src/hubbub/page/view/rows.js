/** The nodes of the timeline's rows. */
import { initialOf, hueOf } from "../text/names.js";
import { plainOf } from "../text/markup.js";
import { safe } from "../text/safe.js";
import { dayName, fullTimeOf, isoOf, timeOf } from "../text/when.js";
import { el } from "./dom.js";
import { comings, namesMore, wordsOf } from "./layout.js";
import { renderText } from "./render.js";

const EXCERPT = 120;
const LONG_LINES = 24; // of a text that is shown in part, until one asks for all of it
const LONG_CHARS = 2400;

/**
 * The node of a row of `layout`. `scene` has `me`, `room`, `isMine(event)`, `mentioned(event)`, and
 * `unfolded`: the keys of the long texts that are shown in full.
 */
export function rowNode(row, scene) {
  const node = MAKERS[row.kind](row, scene);
  node.dataset.key = row.key;
  if (row.seq) {
    node.dataset.seq = row.seq;
    node.tabIndex = -1;
  }
  return node;
}

const MAKERS = {
  begin: (row, { room }) =>
    el(
      "div",
      { class: "begin" },
      el("h2", {}, "# ", el("bdi", {}, room.name)),
      el("p", {}, "This is the beginning of the room. Everything that is said here is saved, and stays."),
    ),
  day: ({ at }) => el("h3", { class: "day" }, el("span", {}, dayName(at))),
  new: () => el("div", { class: "new", role: "separator" }, el("span", {}, "new since you left")),
  presence: presenceRow,
  notice: noticeRow,
  said: saidRow,
  waiting: lineRow,
  failed: lineRow,
};

function saidRow({ key, event, head }, { me, room, isMine, mentioned, unfolded }) {
  const mine = isMine(event);
  const node = message(event.by, event.at, head, mine);
  if (mentioned(event)) node.classList.add("mentioned");
  const body = node.lastChild;
  if (event.reply_to) body.append(quote(event.reply_to, event.quote ?? room.window.find(event.reply_to)));
  const text = el("div", { class: "text" });
  renderText(text, event.text, mine ? null : me);
  body.append(text);
  if (mine) tell(text, state("saved", "Saved on the server’s disk"));
  fold(body, text, event.text, unfolded.has(foldKey(key)));
  return node;
}

/** A long text is shown in part, with a button for the rest. */
function fold(body, text, said, open) {
  const lines = said.split("\n").length;
  if (lines <= LONG_LINES && said.length <= LONG_CHARS) return;
  const all = lines > LONG_LINES ? `Show all ${lines.toLocaleString()} lines` : "Show all of it";
  const button = el("button", { type: "button", class: "fold", "data-all": all });
  body.append(button);
  setFold(text, button, open);
}

/** Shows a long text in full, or in part again. */
export function setFold(text, button, open) {
  text.classList.toggle("folded", !open);
  button.setAttribute("aria-expanded", String(open));
  button.textContent = open ? "Show less" : button.dataset.all;
}

/** The key of a row's text: whether the row has a head does not matter. */
export const foldKey = (key) => key.replace(/h$/, "");

function lineRow({ key, line, head }, { me, unfolded }) {
  const node = message(line.sentAs ?? me, line.at, head, true);
  const failed = Boolean(line.why);
  node.classList.add(failed ? "failed" : "waiting");
  const body = node.lastChild;
  if (line.reply) body.append(quote(line.reply.seq, line.reply));
  const text = el("div", { class: "text" });
  renderText(text, line.text, null);
  body.append(text);
  fold(body, text, line.text, unfolded.has(foldKey(key)));
  if (!failed) {
    tell(text, state("waiting", "Not sent yet"));
    return node;
  }
  const button = (act, label) =>
    el("button", { type: "button", "data-do": act, "data-nonce": line.nonce }, label);
  const why = el("span", {}, `Not sent. ${line.why} `);
  const ways = [button("retry", "Try again"), button("edit", "Edit"), button("discard", "Discard")];
  body.append(el("p", { class: "why", role: "status" }, why, ...ways));
  return node;
}

function message(by, at, head, mine) {
  const classes = ["said", head && "head", mine && "mine"].filter(Boolean).join(" ");
  const name = el("bdi", { class: "by", "data-hue": hueOf(by) }, safe(by));
  const time = el("time", { datetime: isoOf(at), title: fullTimeOf(at) }, timeOf(at));
  const body = el("div", { class: "body" });
  const side = el("div", { class: "side" });
  if (head) {
    side.append(el("span", { class: "face", "data-hue": hueOf(by), "aria-hidden": "true" }, initialOf(by)));
    body.append(el("div", { class: "line" }, name, " ", time));
  } else {
    side.append(time);
    body.append(el("span", { class: "unseen" }, name, ": "));
  }
  return el("article", { class: classes }, side, body);
}

function quote(seq, said) {
  const text = said?.text ? excerpt(said.text) : `message ${seq}`;
  const by = said?.by ? [el("bdi", { class: "by" }, safe(said.by)), " "] : [];
  return el(
    "button",
    { type: "button", class: "quote", "data-do": "goto", "data-seq": seq },
    el("span", { class: "unseen" }, "In reply to "),
    ...by,
    el("bdi", {}, text),
  );
}

/** A text as one short line, without the marks of its emphasis and code. */
export function excerpt(text) {
  const inLine = (said) => said.replace(/\s+/g, " ").trim();
  const line = inLine(plainOf(safe(text)).replace(/`{2,}/g, "")) || inLine(safe(text));
  const chars = Array.from(line);
  return chars.length > EXCERPT ? `${chars.slice(0, EXCERPT - 1).join("")}…` : line;
}

function state(name, label) {
  return el("span", { class: `state ${name}`, role: "img", "aria-label": label, title: label });
}

/** Puts a state behind the last words, or beside what is no words. */
function tell(text, mark) {
  const last = text.lastElementChild;
  (last?.matches("p, blockquote") ? last : text).append(mark);
}

function noticeRow({ event }) {
  return el("div", { class: "presence" }, el("p", { dir: "auto" }, sentenceOf(event)), timeElement(event.at));
}

function timeElement(at) {
  return el("time", { datetime: isoOf(at), title: fullTimeOf(at) }, timeOf(at));
}

function presenceRow({ events }) {
  const happened = comings(events);
  const time = timeElement(events[0].at);
  const all = el("p", { dir: "auto" }, wordsOf(happened, true));
  if (!namesMore(happened)) return el("div", { class: "presence" }, all, time);
  const folded = el("summary", {}, wordsOf(happened, false), " ", time);
  return el("div", { class: "presence" }, el("details", {}, folded, all));
}
