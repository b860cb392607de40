import assert from "node:assert/strict";
import { test } from "node:test";

import { sentenceOf } from "../../../src/hubbub/page/text/sentences.js";
import { vectors } from "../vectors.js";

const COMINGS = new Set(["joined", "left"]);

for (const { event, sentence } of vectors("sentences")) {
  if (COMINGS.has(event.kind)) continue;
  test(`${event.kind} ${event.seq}: ${sentence ?? "no sentence"}`, () => {
    assert.equal(sentenceOf(event), sentence);
  });
}

test("names that would turn the line around are made harmless", () => {
  const said = sentenceOf({ kind: "kicked", seq: 1, at: 0, by: "a\u202eb", user: "eve" });
  assert.doesNotMatch(String(said), /\u202e/);
});
