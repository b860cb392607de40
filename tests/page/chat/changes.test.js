import assert from "node:assert/strict";
import { test } from "node:test";
import { changesOf } from "../../../src/hubbub/page/chat/changes.js";

const said = { kind: "said", seq: 5, at: 5, by: "ada", by_id: "a1", text: "hello" };
const kinds = (event) => changesOf(5, event).map(({ kind, target, text }) => [kind, target, text]);

test("what happened to a message unheard follows from what it is now", () => {
  assert.deepEqual(kinds(said), []);
  assert.deepEqual(kinds({ ...said, edited_at: 9, text: "hello all" }), [["edited", 5, "hello all"]]);
  for (const gone of [null, { ...said, text: "" }, { ...said, text: "", redacted: { at: 9, by: "ben" } }]) {
    assert.deepEqual(kinds(gone), [["redacted", 5, undefined]]);
  }
  assert.deepEqual(kinds({ ...said, text: "", files: [{ id: "f" }] }), [], "files alone say nothing");
  const forgotten = changesOf(5, { ...said, by: "former member" });
  assert.deepEqual(forgotten.map(({ kind, seq, by_id, emptied }) => [kind, seq, by_id, emptied]), [["forgotten", 6, "a1", undefined]]);
});
