import assert from "node:assert/strict";
import { test } from "node:test";
import { sum, unreadWords } from "../../../src/hubbub/page/text/unread.js";

test("what is unread is told in words", () => {
  assert.equal(unreadWords({ unread: 94, mentions: 0 }), "94 new");
  assert.equal(unreadWords({ unread: 94, mentions: 2 }), "94 new, 2 mention you");
  assert.equal(unreadWords({ unread: 94, mentions: 1 }), "94 new, 1 mentions you");
  assert.equal(unreadWords({ unread: 1, mentions: 1 }), "1 new, which mentions you");
});

test("no more is told than the server counts", () => {
  assert.match(unreadWords({ unread: 1000, mentions: 0 }), /^1\D?000\+ new$/);
});

test("rooms without unread messages are not in the sum", () => {
  const rooms = [{ unread: 2, mentions: 1 }, { unread: 0, mentions: 0 }, { unread: 5, mentions: 0 }];
  assert.deepEqual(sum(rooms), { unread: 7, mentions: 1, rooms: 2 });
});
