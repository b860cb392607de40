import assert from "node:assert/strict";
import { test } from "node:test";
import { layout } from "../../../src/hubbub/page/view/layout.js";

const NOON = new Date(2026, 4, 1, 12).getTime();
const MINUTE = 60_000;

const said = (seq, by, more) => ({ kind: "said", seq, at: NOON + seq * 1000, by, text: `text ${seq}`, ...more });
const joined = (seq, by, more) => ({ ...said(seq, by, more), kind: "joined", text: undefined });

/** The rows, each as its kind; "Said" has a head, "said" has none. */
function rows(events, more) {
  const shown = { events, waiting: [], divider: null, cleared: 0, oldest: false, newest: true, me: "ada", ignores: () => false, ...more };
  return layout(shown).map(({ kind, head }) => (head ? kind[0].toUpperCase() + kind.slice(1) : kind));
}

test("messages of one author are grouped, unless they reply or come late", () => {
  assert.deepEqual(rows([said(2, "ada"), said(3, "Ada"), said(4, "ben")]), ["day", "Said", "said", "Said"]);
  assert.deepEqual(rows([said(2, "ada"), said(3, "ada", { reply_to: 1 })]), ["day", "Said", "Said"]);
  assert.deepEqual(rows([said(2, "ada"), said(3, "ada", { at: NOON + 6 * MINUTE })]), ["day", "Said", "Said"]);
});

test("two authors who had the same name are not grouped", () => {
  assert.deepEqual(rows([said(2, "ada", { by_id: "u1" }), said(3, "ada", { by_id: "u2" })]), ["day", "Said", "Said"]);
});

test("joins and leaves that follow each other are one row", () => {
  const events = [said(2, "ada"), joined(3, "ben"), joined(4, "eve"), said(5, "ada")];
  assert.deepEqual(rows(events), ["day", "Said", "presence", "Said"]);
});

test("an event with a sentence of its own parts joins and leaves", () => {
  const kicked = { ...joined(4, "ada"), kind: "kicked", user: "ben" };
  assert.deepEqual(rows([joined(2, "ben"), joined(3, "eve"), kicked, joined(5, "ben")]), ["day", "presence", "notice", "presence"]);
});

test("who comes in with a password is shown only as having come", () => {
  const invited = { ...joined(3, "eve"), kind: "invited", user: "eve" };
  assert.deepEqual(rows([joined(2, "ben"), invited, joined(4, "eve")]), ["day", "presence"]);
  assert.deepEqual(rows([said(2, "ada"), { ...invited, by: "ada" }]), ["day", "Said", "notice"]);
});

test("a room shows its beginning, unless it was cleared", () => {
  const oldest = true;
  assert.deepEqual(rows([joined(1, "ada"), said(2, "ada")], { oldest }), ["begin", "day", "presence", "Said"]);
  assert.deepEqual(rows([said(3, "ada")], { oldest }), ["begin", "day", "Said"]);
  assert.deepEqual(rows([joined(1, "ada"), said(2, "ada")], { oldest, cleared: 1 }), ["day", "Said"]);
});

test("the divider is before the first new message, and not above all others", () => {
  const events = [said(2, "ada"), joined(3, "eve"), said(4, "ben")];
  assert.deepEqual(rows(events, { divider: 3 }), ["day", "Said", "presence", "new", "Said"]);
  assert.deepEqual(rows(events, { divider: 2 }), ["day", "Said", "presence", "Said"]);
});

test("each day has its heading", () => {
  assert.deepEqual(rows([said(2, "ada"), said(3, "ada", { at: NOON + 24 * 60 * MINUTE })]), ["day", "Said", "day", "Said"]);
});

test("messages of ignored people are not shown", () => {
  assert.deepEqual(rows([said(2, "ben"), said(3, "ada")], { ignores: (name) => name === "ben" }), ["day", "Said"]);
  const answer = said(3, "eve", { reply_to: 2, quote: { by: "ben", text: "text 2" } });
  const key = (ignores) =>
    layout({ events: [answer], waiting: [], divider: null, cleared: 0, oldest: false, newest: true, me: "ada", ignores }).at(-1).key;
  assert.notEqual(key(() => false), key((name) => name === "ben"), "an answer to them is drawn anew");
});

test("events of unknown kinds, and the former half of a new name, have no row", () => {
  assert.deepEqual(rows([{ ...said(2, "ada"), kind: "waved" }, joined(3, "ada", { kind: "left", now: "Ada L." })]), []);
});

test("the user's unsent messages are below the newest message only", () => {
  const waiting = [{ nonce: "n1", at: NOON, why: "" }, { nonce: "n2", at: NOON, why: "It is too long." }];
  assert.deepEqual(rows([said(2, "ada")], { waiting }), ["day", "Said", "waiting", "failed"]);
  assert.deepEqual(rows([said(2, "ada")], { waiting, newest: false }), ["day", "Said"]);
  const keys = [false, true].map((unsaved) => {
    const shown = { events: [], waiting: [{ ...waiting[0], unsaved }], divider: null, cleared: 0, oldest: false, newest: true, me: "ada", ignores: () => false };
    return layout(shown).at(-1).key;
  });
  assert.notEqual(...keys, "what is told of it has changed");
});

test("rows that look different have different keys", () => {
  const key = (events) => layout({ events, waiting: [], divider: null, cleared: 0, oldest: false, newest: true, me: "ada", ignores: () => false }).at(-1).key;
  const keys = [
    [said(3, "ada")],
    [said(2, "ada"), said(3, "ada")],
    [said(3, "ada", { at: NOON })],
    [said(3, "ada", { at: NOON, edited_at: NOON + 7 })],
    [said(3, "ada", { at: NOON, edited_at: NOON + 8 })],
    [said(3, "ada", { at: NOON, text: "", redacted: { at: NOON, by: "ben" } })],
    [joined(3, "ada")],
    [joined(2, "ben"), joined(3, "ada")],
  ].map(key);
  assert.equal(new Set(keys).size, keys.length);
});

test("a line that is held is neither waiting nor failed", () => {
  const line = { nonce: "n", order: 1, owner: "", room: "Tea", key: "tea", text: "hi", reply: null, at: NOON, why: "" };
  assert.deepEqual(rows([], { waiting: [{ ...line, held: true }, { ...line, nonce: "m", why: "No." }] }), ["Held", "failed"]);
});

test("a row is drawn anew when its author, or the one whom it quotes, is forgotten", () => {
  const keys = (/** @type {any[]} */ events) =>
    layout({ events, waiting: [], divider: null, cleared: 0, oldest: false, newest: true, me: "ada", ignores: () => false }).map(({ key }) => key);
  const quote = { by: "eve", text: "x" };
  const former = { by: "former member" };
  const kicked = { ...joined(5, "eve"), kind: "kicked", user: "ben" };
  const before = keys([said(2, "eve"), said(3, "ben", { reply_to: 2, quote }), joined(4, "eve"), kicked]);
  const after = keys([said(2, "eve", former), said(3, "ben", { reply_to: 2, quote: { ...quote, ...former } }), joined(4, "eve", former), { ...kicked, ...former }]);
  assert.equal(before.length, 5);
  for (const key of before.slice(1)) assert.ok(!after.includes(key), key);
});

/** The row of the last event. */
const last = (events, more) =>
  layout({ events, waiting: [], divider: null, cleared: 0, oldest: false, newest: true, me: "ada", ignores: () => false, ...more }).at(-1);

test("a reaction, or a reply, changes what is below a message, and leaves its text as it is", () => {
  const plain = said(3, "ada");
  const liked = { ...plain, rev: 9, reactions: [{ emoji: "👍", users: ["ben"], ids: ["b2"] }] };
  assert.equal(last([liked]).key, last([plain]).key, "who selects the text goes on");
  assert.notEqual(last([liked]).extras, last([plain]).extras);
  assert.equal(last([liked]).extras, last([liked]).extras, "and nothing is drawn twice");
  const waiting = { nonce: "n", why: "", amend: { kind: "reacted", target: 3, emoji: "👍", on: true } };
  assert.notEqual(last([plain], { shown: (event) => ({ event, waiting: [waiting] }) }).extras, last([plain]).extras);
});

test("a message has as many replies as are known, or were told", () => {
  const events = [said(2, "ada", { replies: 5 }), said(3, "ben", { reply_to: 2 }), said(4, "eve", { reply_to: 2, redacted: { at: 9, by: "eve" } })];
  const replies = (more) =>
    layout({ events, waiting: [], divider: null, cleared: 0, oldest: false, newest: true, me: "ada", ignores: () => false, ...more })
      .filter(({ kind }) => kind === "said")
      .map((row) => row.replies);
  assert.deepEqual(replies({}), [1, 0, 0], "up to the newest event all are here");
  assert.deepEqual(replies({ newest: false }), [5, 0, 0]);
});

test("an answer is drawn anew when what it quotes says something else", () => {
  const answer = (text) => last([said(3, "ben", { reply_to: 2, quote: { by: "ada", text } })]).key;
  assert.equal(new Set([answer("tea?"), answer("cup?"), answer("")]).size, 3);
});
