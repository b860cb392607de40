import assert from "node:assert/strict";
import { test } from "node:test";
import { Reader } from "../../../src/hubbub/page/chat/reader.js";

const reader = new Reader(() => ({ name: "ada", id: "1" }), { nobody: true, has: () => false });
const said = (more) => ({ kind: "said", seq: 1, at: 0, by: "ben", by_id: "2", text: "@ada", ...more });

test("texts of others are to be read, and none of one's own", () => {
  assert.ok(reader.reads(said({})));
  assert.ok(!reader.reads(said({ by_id: "1" })));
  assert.ok(!reader.reads({ kind: "joined", seq: 1, at: 0, by: "ben" }));
});

test("what was moved in from elsewhere is no news", () => {
  assert.ok(!reader.reads(said({ moved: true })));
});
