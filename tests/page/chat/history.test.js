import assert from "node:assert/strict";
import { test } from "node:test";
import { History } from "../../../src/hubbub/page/chat/history.js";
import { Room } from "../../../src/hubbub/page/chat/room.js";
import { LogWindow } from "../../../src/hubbub/page/chat/window.js";

/** The commands with which a server with these `features` is asked for what is before event 5. */
async function asked(features) {
  const commands = [];
  const session = {
    features: new Set(features),
    attempt: async (command) => {
      commands.push(command);
      return { events: [{ kind: "said", seq: 4 }], first: 3, last: 4 };
    },
  };
  const room = new Room("tea");
  room.window = new LogWindow([{ kind: "said", seq: 5 }]);
  await new History(session, { roomChanged: { emit() {} } }).older(room);
  assert.equal(room.window.first, 3);
  return commands;
}

test("pages are those of the timeline, which count lines", async () => {
  assert.deepEqual(await asked(["timeline"]), [{ type: "timeline", room: "tea", limit: 60, before: 5 }]);
});

test("an older server without timelines is asked for its log", async () => {
  assert.deepEqual(await asked([]), [{ type: "history", room: "tea", limit: 60, before: 5 }]);
});
