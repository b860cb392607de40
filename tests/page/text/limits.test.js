import assert from "node:assert/strict";
import { test } from "node:test";
import { spare } from "../../../src/hubbub/page/text/limits.js";

test("far from the limits there is nothing to tell", () => {
  assert.equal(spare("a".repeat(8), { text: 10, lines: 10 }).left, Infinity);
  assert.equal(spare("a".repeat(100), null).left, Infinity);
});

test("characters are counted as the server counts them", () => {
  assert.deepEqual(spare("🫖".repeat(9), { text: 10 }), { left: 1, unit: "" });
  assert.deepEqual(spare("a".repeat(12), { text: 10 }), { left: -2, unit: "" });
});

test("lines end where the server ends them, and the smaller rest is told", () => {
  assert.deepEqual(spare("a\u2028b\nc", { text: 1000, lines: 3 }), { left: 0, unit: " lines" });
  assert.deepEqual(spare("a\nb\nc", { text: 1000, lines: 2 }), { left: -1, unit: " line" });
  assert.equal(spare("a\nb\nc", { text: 1000, lines: null }).left, Infinity);
});
