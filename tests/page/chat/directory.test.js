import assert from "node:assert/strict";
import { test } from "node:test";
import { Directory } from "../../../src/hubbub/page/chat/directory.js";

test("direct conversations are none of the rooms, not even when their other people are gone", async () => {
  const tea = { name: "Tea", users: 2, head: 7 };
  const talks = [
    { name: "@x1", users: 2, head: 3, access: "direct", people: ["ben"] },
    { name: "@x2", users: 1, head: 4, access: "direct" },
  ];
  const directory = new Directory({ attempt: async () => ({ rooms: [tea, ...talks], total: 3 }) });
  assert.equal(await directory.refresh(), true);
  assert.deepEqual(directory.list, [tea]);
  assert.deepEqual(directory.talks, talks);
  assert.deepEqual((await directory.find("x"))?.rooms, [tea]);
});
