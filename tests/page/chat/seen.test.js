import assert from "node:assert/strict";
import { test } from "node:test";
import { Seen } from "../../../src/hubbub/page/chat/seen.js";

/** What was seen of 1 to 20. */
const shown = (seen) => Array.from({ length: 20 }, (_, place) => place + 1).filter((seq) => seen.has(seq));

test("ranges that touch or overlap become one", () => {
  const seen = new Seen();
  seen.add(1, 3);
  seen.add(7, 9);
  seen.add(4, 6);
  assert.deepEqual(seen.beyond(0), [{ first: 1, last: 9 }]);
  seen.add(2, 12);
  assert.deepEqual(seen.beyond(0), [{ first: 1, last: 12 }]);
});

test("what lies between two looks was not seen", () => {
  const seen = new Seen();
  seen.add(1, 2);
  seen.add(5, 6);
  assert.deepEqual(shown(seen), [1, 2, 5, 6]);
  assert.deepEqual(seen.beyond(2), [{ first: 5, last: 6 }]);
});

test("all is read up to the first event that was not seen", () => {
  const seen = new Seen();
  seen.add(4, 6);
  assert.equal(seen.upTo(2), 2);
  assert.equal(seen.upTo(3), 6);
  assert.equal(seen.upTo(5), 6);
  assert.equal(seen.upTo(9), 9);
});

test("of very many ranges the oldest go", () => {
  const seen = new Seen();
  for (let place = 0; place < 500; place += 1) seen.add(place * 2, place * 2);
  assert.equal(seen.beyond(-1).length, 100);
  assert.ok(seen.has(998));
  assert.ok(!seen.has(0));
});
