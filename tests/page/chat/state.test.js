import assert from "node:assert/strict";
import { test } from "node:test";
import { RoomState } from "../../../src/hubbub/page/chat/state.js";
import { keyOf } from "../../../src/hubbub/page/text/names.js";
import { vectors } from "../vectors.js";

/** What holds in a room beside what each vector tells, where it is not as in an empty one. */
function facts(room) {
  const told = new Set(["head", "at", "silent", "topic", "members"]);
  const plain = Object.entries(room).map(([name, value]) => [name, value instanceof Map ? Object.fromEntries(value) : value]);
  const empty = Object.fromEntries(Object.entries(new RoomState()).map(([name, value]) => [name, JSON.stringify(value)]));
  return Object.fromEntries(plain.filter(([name, value]) => !told.has(name) && JSON.stringify(value) !== empty[name]));
}

test("events add up to what the vectors say", () => {
  for (const { about, events, state } of vectors("fold")) {
    const room = new RoomState();
    for (const event of events) room.apply(event);
    const inOrder = [...room.members.values()].sort((one, other) => (keyOf(one.name) < keyOf(other.name) ? -1 : 1));
    // Of each member, what the example tells.
    const wanted = new Map(state.members.map((one) => [one.name, one]));
    const members = inOrder.map((one) => Object.fromEntries(Object.entries(one).filter(([field]) => field in (wanted.get(one.name) ?? one))));
    const { head, at, silent, topic } = room;
    assert.deepEqual({ head, at, silent, topic, members, ...facts(room) }, state, about);
  }
});
