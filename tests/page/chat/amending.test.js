import assert from "node:assert/strict";
import { test } from "node:test";
import { Amending } from "../../../src/hubbub/page/chat/amending.js";
import { Changes } from "../../../src/hubbub/page/chat/changes.js";
import { History } from "../../../src/hubbub/page/chat/history.js";
import { Reader } from "../../../src/hubbub/page/chat/reader.js";
import { Room } from "../../../src/hubbub/page/chat/room.js";

const reader = new Reader(() => ({ name: "ada", id: "a1" }), { nobody: true, has: () => false });
const said = (seq, by_id = "a1", more = {}) => ({ kind: "said", seq, at: 1000 * seq, by: by_id === "a1" ? "ada" : "ben", by_id, text: `text ${seq}`, ...more });
const liked = (seq, target, by = "ben") => ({ kind: "reacted", seq, at: seq, by, by_id: by, target, emoji: "👍" });
const redacted = (seq, target) => ({ kind: "redacted", seq, at: seq, by: "ben", by_id: "b2", target });

/** What the user may do in a room where `allowed` are the actions they may do. */
function amending(allowed, { waiting = [], limits = {}, ask = async () => ({}) } = {}) {
  const moderating = { whyNot: (action) => (allowed.includes(action) ? null : "No.") };
  return new Amending({ session: { limits, ask }, queue: { amending: () => waiting, full: false, amend() {} }, moderating, reader });
}

/** A room with these events, up to the last of them. */
function roomWith(...events) {
  const room = new Room("Tea");
  const after = events[0].seq - 1;
  room.joined({ room: "Tea", users: [], head: after, after }, undefined);
  room.take(events, reader, true, false);
  return room;
}

test("one may do with a message what one has the right to, and nothing with one that was taken back", () => {
  const room = new Room("Tea");
  const mine = said(1);
  const theirs = said(2, "b2");
  const gone = said(3, "a1", { text: "", redacted: { at: 1, by: "ada" } });
  const may = (one, event) => [one.mayEdit, one.mayRedact, one.mayReact, one.mayPin].map((what) => what.call(one, room, event));
  assert.deepEqual(may(amending(["speak"]), mine), [true, true, true, false]);
  assert.deepEqual(may(amending(["speak"]), theirs), [false, false, true, false]);
  assert.deepEqual(may(amending([]), mine), [false, true, false, false], "what one has said one may take back, muted or not");
  assert.deepEqual(may(amending(["speak", "redact", "pin"]), theirs), [false, true, true, true]);
  assert.deepEqual(may(amending(["speak", "redact", "pin"]), gone), [false, false, false, false]);
});

test("what a message said before is for its author and for those who moderate", () => {
  const room = new Room("Tea");
  const changed = { edited_at: 9 };
  assert.equal(amending([]).maySeeVersions(room, said(1, "a1", changed)), true);
  assert.equal(amending([]).maySeeVersions(room, said(1, "b2", changed)), false);
  assert.equal(amending(["redact"]).maySeeVersions(room, said(1, "b2", changed)), true);
  assert.equal(amending(["redact"]).maySeeVersions(room, said(1, "b2")), false, "there is nothing before");
});

test("the last message is the one that can be changed", () => {
  const room = roomWith(said(1), said(2), said(3, "b2"), said(4, "a1", { text: "", redacted: { at: 1, by: "ada" } }));
  assert.equal(amending(["speak"]).lastOwn(room)?.seq, 2);
  assert.equal(amending(["speak"], { limits: { edit: 60 } }).lastOwn(room), null, "where the time for it is over there is none");
});

test("what waits is shown as if it was done, unless it was refused", () => {
  const room = new Room("Tea");
  const line = (amend, why = "") => ({ nonce: amend.kind, at: 5, why, amend: { target: 1, ...amend } });
  const waiting = [line({ kind: "edited", text: "better" }), line({ kind: "reacted", emoji: "👍", on: true }), line({ kind: "edited", text: "worse" }, "No."), { ...line({ kind: "redacted" }), amend: { kind: "redacted", target: 2 } }];
  const one = amending(["speak"], { waiting });
  const { event, waiting: own } = one.shown(room, said(1));
  assert.equal(event.text, "better");
  assert.equal(one.reactsWith(event, "👍"), true);
  assert.equal(own.length, 3);
  assert.equal(one.shown(room, said(3)).waiting.length, 0);
  assert.ok(one.shown(room, said(2)).event.redacted);
});

test("a page of history that is older than what has come since it was asked for says what is so by now", async () => {
  const room = roomWith(said(5));
  let answer;
  const session = { features: new Set(["timeline"]), attempt: () => new Promise((resolve) => (answer = resolve)) };
  const asked = new History(session, { roomChanged: { emit() {} } }).older(room);
  room.take([liked(6, 3), redacted(7, 4), { kind: "edited", seq: 8, at: 8, by: "ben", by_id: "b2", target: 2, text: "newest" }], reader, true, false);
  const answering = said(4, "b2", { reply_to: 2, quote: { by: "ben", by_id: "b2", text: "text 2" } });
  answer({ events: [said(2, "b2"), said(3, "b2"), answering], first: 1, last: 4, head: 5 });
  await asked;
  const [two, three, four] = room.window.view;
  assert.equal(two.text, "newest");
  assert.deepEqual(three.reactions, [{ emoji: "👍", users: ["ben"], ids: ["ben"] }]);
  assert.deepEqual([four.text, four.redacted?.by, four.quote.text], ["", "ben", "newest"]);
});

test("a page that is newer than what is still to come is not changed by that", async () => {
  const room = roomWith(said(5));
  const form = said(3, "b2", { text: "newest", edited_at: 8, rev: 8, reactions: [{ emoji: "👍", users: ["ben"], ids: ["ben"] }] });
  const session = { features: new Set(["timeline"]), attempt: async () => ({ events: [form], first: 1, last: 4, head: 8 }) };
  await new History(session, { roomChanged: { emit() {} } }).older(room);
  room.take([{ kind: "edited", seq: 6, at: 6, by: "ben", by_id: "b2", target: 3, text: "older" }, liked(7, 3), { ...liked(8, 3), on: false }], reader, true, false);
  assert.deepEqual(room.window.view[0], form);
});

test("a conversation, too, says what is so by now", async () => {
  const room = roomWith(said(1), said(2));
  let answer;
  const told = amending(["speak"], { ask: () => new Promise((resolve) => (answer = resolve)) }).conversation(room, 1);
  room.take([redacted(3, 2)], reader, true, false);
  answer({ events: [said(1), said(2)], head: 2, more: true });
  const { events, more } = await told;
  assert.deepEqual(events.map(({ text }) => text), ["text 1", ""]);
  assert.equal(more, true);
});

test("amendments are no news, and neither a lost past nor a pin of it is shown", () => {
  const room = roomWith(said(1, "b2"), said(2, "b2"));
  const { unread } = room;
  room.take([liked(3, 1), { kind: "pinned", seq: 4, at: 4, by: "ben", target: 1, quote: { by: "ben", text: "text 1" } }], reader, true, false);
  assert.equal(room.unread, unread);
  assert.deepEqual(room.state.pins, [1]);
  room.take([{ kind: "trimmed", seq: 5, at: 5, by: "", floor: 1 }], reader, true, false);
  assert.deepEqual(room.state.pins, []);
  assert.equal(room.window.find(4).quote, null);
});

/** Numbers that seem random, and are the same in each run. */
function numbers(seed) {
  return (below) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * below);
  };
}

/** A log of messages and what amends them, and what a server shows of its first `head` events. */
function story(number) {
  const log = [];
  for (let seq = 1; seq <= 60; seq += 1) {
    const target = 1 + number(Math.max(1, seq - 1));
    const by = ["ada", "ben", "eve"][number(3)];
    const event = { seq, at: seq, by, by_id: by[0], target };
    const what = number(9);
    if (what < 4 || seq < 4) log.push({ kind: "said", seq, at: seq, by, by_id: by[0], text: `text ${seq}` });
    else if (what < 6) log.push({ ...event, kind: "reacted", emoji: ["👍", "🎉"][number(2)], on: number(3) > 0 });
    else if (what < 8) log.push({ ...event, kind: "edited", text: `text ${seq}` });
    else log.push({ ...event, kind: "redacted" });
  }
  const present = (head) => {
    const changes = new Changes(log.slice(0, head));
    return log.slice(0, head).filter(({ kind }) => kind === "said").map((event) => changes.applied(event));
  };
  return { log, present };
}

test("whatever overtakes what, a page ends with what the log says", async () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const number = numbers(seed);
    const { log, present } = story(number);
    const begin = 30;
    const room = new Room("Tea");
    room.joined({ room: "Tea", users: [], head: begin, after: begin }, undefined);
    const answers = [];
    // What the server shows may be newer than what has come, and is not older.
    const ask = (before) => new Promise((resolve) => answers.push({ before, resolve, head: room.cursor + number(log.length - room.cursor + 1) }));
    const session = { features: new Set(["timeline"]), attempt: ({ before }) => ask(before) };
    const history = new History(session, { roomChanged: { emit() {} } });
    for (let cursor = begin; cursor < log.length || answers.length || !room.window.atBeginning; ) {
      if (!room.fetching && !room.window.atBeginning) history.older(room);
      await null;
      if (cursor < log.length && (number(3) || !answers.length)) {
        const count = Math.min(1 + number(4), log.length - cursor);
        room.take(log.slice(cursor, cursor + count), reader, true, false);
        cursor += count;
      } else if (answers.length) {
        const [{ before, resolve, head }] = answers.splice(0, 1);
        const first = Math.max(1, before - 9);
        resolve({ events: present(head).filter(({ seq }) => seq >= first && seq < before), first, last: before - 1, head });
        await room.fetching;
      }
    }
    const shown = room.window.view.map(({ seq, text, redacted, reactions = [] }) => ({ seq, text, redacted: redacted?.by, reactions }));
    const wanted = present(log.length).map(({ seq, text, redacted, reactions = [] }) => ({ seq, text, redacted: redacted?.by, reactions }));
    assert.deepEqual(shown, wanted, `seed ${seed}`);
  }
});
