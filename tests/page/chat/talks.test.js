import assert from "node:assert/strict";
import { test } from "node:test";
import { Room } from "../../../src/hubbub/page/chat/room.js";
import { Talks } from "../../../src/hubbub/page/chat/talks.js";
import { Signal } from "../../../src/hubbub/page/signal.js";

/** The conversations of a page whose rooms only note which ones were entered. */
function page(listed = []) {
  const byName = new Map();
  const entered = [];
  const want = (name) => byName.get(name) ?? byName.set(name, new Room(name)).get(name);
  const rooms = { listed: new Signal(), directory: { talks: listed }, want, enter: ({ name }) => entered.push(name) };
  const session = { heard: new Signal(), ask: async ({ users }) => ({ room: "@new", users }) };
  return { talks: new Talks(session, rooms), rooms, session, entered, want };
}

test("a conversation is found by its people", async () => {
  const { talks } = page();
  const room = await talks.with(["ben", "eve"]);
  assert.deepEqual([room.name, room.title], ["@new", "ben and eve"]);
});

test("one in which something was said is entered, and that is new", () => {
  const { session, entered, want } = page();
  session.heard.emit({ type: "direct", room: "@a", users: ["ben"], head: 7 });
  session.heard.emit({ type: "typing", room: "@b", by: "ben" });
  assert.deepEqual(entered, ["@a"]);
  assert.equal(want("@a").told, 7);
});

test("those of the list are entered, the newest fifty", () => {
  const listed = Array.from({ length: 60 }, (_, at) => ({ name: `@${at}`, users: 2, head: 1, at, people: ["ben"] }));
  const { rooms, entered } = page(listed);
  rooms.listed.emit();
  assert.equal(entered.length, 50);
  assert.equal(entered[0], "@59");
});

test("one whose other people are gone is still called by them, if they were known", () => {
  const { rooms, want } = page([{ name: "@a", users: 1, head: 1 }, { name: "@b", users: 1, head: 1 }]);
  want("@a").people = ["ben"];
  rooms.listed.emit();
  assert.deepEqual([want("@a").title, want("@b").title], ["ben", "former member"]);
});
