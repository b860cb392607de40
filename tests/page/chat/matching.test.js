import assert from "node:assert/strict";
import { test } from "node:test";
import { isLine } from "../../../src/hubbub/page/chat/matching.js";

const LINE = { key: "tea", text: "Hello\r\nyou \n", reply: null, after: 4, sentAs: "Ada", sentBy: "u1" };
const EVENT = { kind: "said", seq: 5, at: 0, by: "ada", by_id: "u1", text: "Hello\nyou" };

test("a line is the event with its text, as the server logs it", () => {
  assert.ok(isLine(LINE, "tea", EVENT));
  assert.ok(!isLine({ ...LINE, text: "Hello" }, "tea", EVENT));
});

test("it is not in another room, nor before it was sent", () => {
  assert.ok(!isLine(LINE, "cake", EVENT));
  assert.ok(!isLine({ ...LINE, after: 5 }, "tea", EVENT));
});

test("its author is told by the id, and only without one by the name", () => {
  assert.ok(isLine(LINE, "tea", { ...EVENT, by: "Ada L." }));
  assert.ok(!isLine(LINE, "tea", { ...EVENT, by_id: "u2" }));
  assert.ok(isLine({ ...LINE, sentBy: null }, "tea", { ...EVENT, by_id: "u2" }));
  assert.ok(!isLine({ ...LINE, sentBy: null }, "tea", { ...EVENT, by: "ben" }));
});

test("a reply is no other reply", () => {
  const reply = { seq: 3, by: "ben", text: "Hi" };
  assert.ok(isLine({ ...LINE, reply }, "tea", { ...EVENT, reply_to: 3 }));
  assert.ok(!isLine({ ...LINE, reply }, "tea", { ...EVENT, reply_to: 2 }));
  assert.ok(!isLine(LINE, "tea", { ...EVENT, reply_to: 3 }));
});

test("a join is no line", () => {
  assert.ok(!isLine({ ...LINE, text: "" }, "tea", { ...EVENT, kind: "joined", text: "" }));
});

test("a line with files is no other one", () => {
  const files = [{ id: "f1", name: "a", size: 1, type: "text/plain" }];
  const line = { ...LINE, text: "", files };
  assert.ok(isLine(line, "tea", { ...EVENT, text: "", files }));
  assert.ok(!isLine(line, "tea", { ...EVENT, text: "", files: [{ ...files[0], id: "f2" }] }));
  assert.ok(!isLine(line, "tea", { ...EVENT, text: "" }));
  assert.ok(!isLine({ ...LINE, text: "" }, "tea", { ...EVENT, text: "", files }));
});
