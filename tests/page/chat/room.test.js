import assert from "node:assert/strict";
import { test } from "node:test";
import { Reader } from "../../../src/hubbub/page/chat/reader.js";
import { Room } from "../../../src/hubbub/page/chat/room.js";

const reader = new Reader(() => ({ name: "ada", id: "a1" }), { nobody: true, has: () => false });
const said = (seq, text, by = "ben", by_id = "b1") => ({ kind: "said", seq, at: seq, by, by_id, text });
const answer = { room: "@xyz", users: ["ada", "ben"], head: 2, after: 0, standing: { people: ["ben"] } };

/** A conversation that the server has told of, with what was said in it. */
function talk(...events) {
  const room = new Room("@xyz");
  room.told = 1;
  room.joined(answer, undefined);
  room.take([{ kind: "direct", seq: 1, at: 1, by: "ben", users: [], ids: [] }, ...events], reader, true, false);
  return room;
}

test("a conversation is called by its people, and never by its name", () => {
  const room = new Room("@xyz");
  assert.equal(room.title, "Direct conversation");
  room.people = ["ben", "eve"];
  assert.equal(room.title, "ben and eve");
  assert.equal(room.label, "ben and eve");
  assert.equal(new Room("Tea").label, "# Tea");
});

test("each text of a conversation counts as one that speaks to the user", () => {
  const room = talk(said(2, "hello"), said(3, "again"), said(4, "mine", "ada", "a1"));
  assert.deepEqual([room.unread, room.mentions], [2, 2]);
  room.marked({ seq: 2, unread: 1, mentions: 0 });
  assert.deepEqual([room.unread, room.mentions], [1, 1], "the server counts names only");
  const other = new Room("Tea");
  other.joined({ ...answer, room: "Tea", head: 0, standing: undefined }, undefined);
  other.take([said(1, "hello")], reader, true, false);
  assert.deepEqual([other.unread, other.mentions], [1, 0]);
});

test("what the server has told of is news, though it was there before the user came in", () => {
  assert.equal(talk(said(2, "hello")).live, 1);
  const room = new Room("@xyz");
  room.joined(answer, undefined);
  assert.equal(room.live, 2);
});

test("somebody's new name is that of the conversation, too", () => {
  const room = talk(said(2, "hello"), { kind: "joined", seq: 3, at: 3, by: "Bea", by_id: "b1", was: "ben" });
  assert.equal(room.title, "Bea");
});
