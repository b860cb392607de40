import assert from "node:assert/strict";
import { test } from "node:test";
import { RoomState } from "../../../src/hubbub/page/chat/state.js";
import { keyOf } from "../../../src/hubbub/page/text/names.js";
import { vectors } from "../vectors.js";

test("events add up to what the vectors say", () => {
  for (const { about, events, state } of vectors("fold")) {
    const room = new RoomState();
    for (const event of events) room.apply(event);
    const members = [...room.members.values()].sort((one, other) => (keyOf(one.name) < keyOf(other.name) ? -1 : 1));
    assert.deepEqual({ ...room, members }, state, about);
  }
});
