import assert from "node:assert/strict";
import { test } from "node:test";
import { comings, leavesOutNames, wordsOf } from "../../../src/hubbub/page/text/comings.js";
import { vectors } from "../vectors.js";

/** The words for such events: [kind, name] or [kind, name, {was or now}]. */
function told(happened, all = false) {
  const events = happened.map(([kind, by, more], place) => ({ kind, by, seq: place + 1, at: 0, ...more }));
  return wordsOf(comings(events), all);
}

test("joins and leaves are told as in the terminal", () => {
  for (const { events, told } of vectors("comings")) assert.equal(wordsOf(comings(events), false), told);
});

test("people who have done the same are told together", () => {
  assert.equal(told([["joined", "ada"], ["left", "ben"], ["joined", "eve"]]), "ada and eve joined · ben left");
});

test("what a person did in the end is told once", () => {
  assert.equal(told([["joined", "ada"], ["left", "ada"]]), "ada joined and left");
  assert.equal(told([["left", "ada"], ["joined", "ada"]]), "ada left and joined");
  assert.equal(told([["joined", "ada"], ["left", "ada"], ["joined", "Ada"]]), "Ada joined");
});

const renames = (from, to) => [["left", from, { now: to }], ["joined", to, { was: from }]];

test("a person who was in the room and is renamed is told by both names", () => {
  assert.equal(told(renames("ada", "Ada L.")), "ada is now Ada L.");
  assert.equal(told([...renames("ada", "ben"), ...renames("ben", "eve")]), "ada is now eve");
  assert.equal(told([...renames("ada", "ben"), ...renames("ben", "ada")]), "ada has the old name again");
});

test("a person who has come and is renamed has come by the new name", () => {
  assert.equal(told([["joined", "ada"], ...renames("ada", "eve")]), "eve joined");
});

test("a name that became free belongs to somebody else", () => {
  const events = [["joined", "ada"], ...renames("ada", "eve"), ...renames("zoe", "ada"), ["left", "ada"]];
  assert.equal(told(events), "zoe is now ada · eve joined · ada left");
});

test("of many people one is named, or all", () => {
  const many = ["a", "b", "c", "d", "e"].map((name) => ["joined", name]);
  assert.equal(told(many), "a and 4 others joined");
  assert.equal(told(many, true), "a, b, c, d and e joined");
  const events = many.map(([kind, by], place) => ({ kind, by, seq: place + 1, at: 0 }));
  assert.ok(leavesOutNames(comings(events)));
  assert.ok(!leavesOutNames(comings(events.slice(1))));
});
