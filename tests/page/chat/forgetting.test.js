import assert from "node:assert/strict";
import { test } from "node:test";
import { forgetting, FORMER_MEMBER } from "../../../src/hubbub/page/chat/forgetting.js";
import { Reader } from "../../../src/hubbub/page/chat/reader.js";
import { Room } from "../../../src/hubbub/page/chat/room.js";

const said = (seq, by, by_id, more) => ({ kind: "said", seq, at: seq, by, by_id, text: `text ${seq}`, ...more });
const forgotten = (more) => ({ kind: "forgotten", seq: 9, at: 9, by: FORMER_MEMBER, by_id: "e3", ...more });

test("what a former member said stays under that name, or is emptied", () => {
  const event = said(2, "eve", "e3");
  assert.deepEqual(forgetting(event, forgotten()), { ...event, by: FORMER_MEMBER });
  const emptied = forgetting(event, forgotten({ emptied: true }));
  assert.deepEqual(emptied, { ...event, by: FORMER_MEMBER, text: "", rev: 9, files: [], edited_at: null });
  assert.deepEqual(forgetting(emptied, forgotten({ emptied: true })), emptied, "twice does no harm");
});

test("a quote of a former member is without their name, and without the text if that is gone", () => {
  const quote = { by: "eve", by_id: "e3", text: "text 2" };
  const event = said(3, "ben", "b2", { reply_to: 2, quote });
  assert.deepEqual(forgetting(event, forgotten()).quote, { by: FORMER_MEMBER, by_id: "e3", text: "text 2" });
  assert.deepEqual(forgetting(event, forgotten({ emptied: true })).quote, { by: FORMER_MEMBER, by_id: "e3", text: "" });
  assert.equal(forgetting(event, forgotten()).by, "ben");
});

test("what others said, or somebody of that name later, is left alone", () => {
  for (const event of [said(2, "ben", "b2"), said(2, "eve", "x9"), said(10, "eve", "e3"), { kind: "joined", seq: 1, at: 1, by: "ada" }]) {
    assert.equal(forgetting(event, forgotten({ emptied: true })), event);
  }
});

test("arrivals of a former member are under that name, too", () => {
  const joined = { kind: "joined", seq: 1, at: 1, by: "eve", by_id: "e3" };
  assert.deepEqual(forgetting(joined, forgotten({ emptied: true })), { ...joined, by: FORMER_MEMBER });
});

test("what was done about a former member, and another name of theirs, tells it no more", () => {
  const kicked = { kind: "kicked", seq: 2, at: 2, by: "ada", by_id: "a1", user: "eve", user_id: "e3" };
  assert.deepEqual(forgetting(kicked, forgotten()), { ...kicked, user: FORMER_MEMBER });
  const joined = { kind: "joined", seq: 3, at: 3, by: "eve", by_id: "e3", was: "evelyn" };
  assert.deepEqual(forgetting(joined, forgotten()), { ...joined, by: FORMER_MEMBER, was: FORMER_MEMBER });
  const left = { kind: "left", seq: 4, at: 4, by: "evelyn", by_id: "e3", now: "eve" };
  assert.deepEqual(forgetting(left, forgotten()), { ...left, by: FORMER_MEMBER, now: FORMER_MEMBER });
  const begun = { kind: "direct", seq: 1, at: 1, by: "ada", by_id: "a1", users: ["ada", "eve"], ids: ["a1", "e3"] };
  assert.deepEqual(forgetting(begun, forgotten()), { ...begun, users: ["ada", FORMER_MEMBER] });
});

test("a conversation with a former member is not called by their name any more", () => {
  const reader = new Reader(() => ({ name: "ada", id: "a1" }), { nobody: true, has: () => false });
  const room = new Room("@talk");
  room.joined({ room: "@talk", users: ["ada", "eve"], head: 0, after: 0, standing: { people: ["eve"] } }, undefined);
  const left = { kind: "left", seq: 2, at: 2, by: "eve", by_id: "e3" };
  room.take([said(1, "eve", "e3"), left], reader, true, false);
  assert.deepEqual(room.people, ["eve"]);
  room.take([forgotten({ seq: 3 })], reader, true, false);
  assert.deepEqual(room.people, [FORMER_MEMBER]);
});

test("a room forgets what it has in memory", () => {
  const reader = new Reader(() => ({ name: "ada", id: "a1" }), { nobody: true, has: () => false });
  const room = new Room("Tea");
  room.joined({ room: "Tea", users: ["ada", "eve"], head: 0, after: 0 }, undefined);
  room.take([said(1, "eve", "e3"), said(2, "ben", "b2", { reply_to: 1, quote: { by: "eve", by_id: "e3", text: "text 1" } })], reader, true, false);
  room.take([forgotten({ seq: 3, emptied: true })], reader, true, false);
  for (const events of [room.window.view, room.window.tail]) {
    assert.deepEqual(events.map(({ by, text }) => [by, text]), [[FORMER_MEMBER, ""], ["ben", "text 2"]]);
    assert.equal(events[1].quote.text, "");
  }
  assert.equal(room.cursor, 3);
});
