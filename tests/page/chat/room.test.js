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

test("somebody whose account is closed is a former member in the name of the conversation, too", () => {
  const room = talk(said(2, "hello", "eve", "e3"));
  const closed = (/** @type {number} */ seq) => ({ kind: "forgotten", seq, at: 9, by: "former member", by_id: "e3" });
  room.people = ["ben", "eve"];
  room.take([closed(3)], reader, true, false);
  assert.equal(room.title, "ben and former member");
  room.people = ["eve"];
  room.take([closed(4)], reader, true, false);
  assert.equal(room.title, "former member");
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

test("members are seen as they want to be, while they are connected or not", () => {
  const room = new Room("Tea");
  room.sees("Ben", true, { status: "busy", note: "in a lesson" });
  assert.deepEqual([...room.states], [["ben", { status: "busy", note: "in a lesson" }]]);
  assert.deepEqual([...room.away], []);
  room.sees("ben", false, { status: "here", note: "" });
  assert.deepEqual([...room.states], []);
  assert.deepEqual([...room.away], ["ben"]);
});

test("who is muted is known from what was asked, and from what happens after that", () => {
  const room = new Room("Tea");
  room.joined({ ...answer, room: "Tea", head: 0, standing: undefined }, undefined);
  assert.equal(room.isMuted("eve"), false, "nobody has asked");
  room.mutes = new Map([["eve", null], ["dan", Date.now() - 1], ["cleo", Date.now() + 60_000]]);
  assert.deepEqual(["Eve", "dan", "cleo", "ben"].map((name) => room.isMuted(name)), [true, false, true, false]);
  const done = (seq, kind, user, more) => ({ kind, seq, at: seq, by: "ada", user, ...more });
  room.take([done(1, "unmuted", "eve"), done(2, "muted", "ben", { until: null })], reader, true, false);
  assert.deepEqual(["eve", "ben"].map((name) => room.isMuted(name)), [false, true]);
});

test("how somebody is seen goes with their name, and with them", () => {
  const room = new Room("Tea");
  room.joined({ ...answer, room: "Tea", head: 0, standing: undefined }, undefined);
  const busy = { status: "busy", note: "" };
  room.sees("ben", true, busy);
  room.take([{ kind: "joined", seq: 1, at: 1, by: "Bea", by_id: "b1", was: "ben" }, { kind: "left", seq: 2, at: 2, by: "ben", by_id: "b1", now: "Bea" }], reader, true, false);
  assert.deepEqual([...room.states], [["bea", busy]]);
  room.take([{ kind: "left", seq: 3, at: 3, by: "Bea", by_id: "b1" }], reader, true, false);
  assert.deepEqual([...room.states], []);
});

test("a mention that is taken back, or edited out, is one no more, and an edit mentions nobody", () => {
  // nextcloud/spreed#13286, GetStream/stream-chat-js#1045, zulip/zulip#14544
  const room = new Room("Tea");
  room.joined({ ...answer, room: "Tea", head: 0, standing: undefined }, undefined);
  const done = (seq, kind, target, text) => ({ kind, seq, at: seq, by: "ben", by_id: "b1", target, ...(text !== undefined && { text }) });
  const take = (...events) => room.take(events, reader, true, false);
  take(said(1, "@ada one"), said(2, "@ada two"), said(3, "three"), said(4, "@ada four"));
  assert.deepEqual([room.unread, room.mentions], [4, 3]);
  take(done(5, "redacted", 1));
  assert.deepEqual([room.unread, room.mentions], [4, 2]);
  take(done(6, "edited", 2, "two"), done(7, "edited", 3, "@ada three"), done(8, "edited", 4, "@ada 4"));
  assert.deepEqual([room.unread, room.mentions], [4, 1]);
  room.see(1, 3, reader);
  assert.deepEqual([room.unread, room.mentions], [1, 1], "what was quiet takes no other's count along");
  take(said(9, "@ada nine"), done(10, "redacted", 9));
  assert.deepEqual([room.unread, room.mentions], [2, 1]);
  take(done(11, "edited", 4, "four"), done(12, "edited", 4, "@ada four"));
  assert.deepEqual([room.unread, room.mentions], [2, 0]);
  room.see(4, 9, reader);
  assert.deepEqual([room.unread, room.mentions], [0, 0]);
});
