import assert from "node:assert/strict";
import { test } from "node:test";
import { safe } from "../../../src/hubbub/page/text/safe.js";
import { vectors } from "../vectors.js";

test("words of all scripts stay as they are", () => {
  for (const word of Object.values(vectors("words"))) assert.equal(safe(word), word);
});

test("what deceives is shown", () => {
  assert.equal(safe("a\u202eb"), "a\ufffdb");
  assert.equal(safe("a\x00\x1b\x7f\x85"), "a␀␛␡\ufffd");
  assert.equal(safe(`a${"\u0301".repeat(50)}`), `a${"\u0301".repeat(8)}`);
  assert.equal(safe("two\nlines\t."), "two\nlines\t.");
});
