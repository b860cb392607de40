import assert from "node:assert/strict";
import { test } from "node:test";
import { Recall } from "../../../src/hubbub/page/chat/recall.js";

test("texts come back, the newest first, and behind them the draft", () => {
  const recall = new Recall();
  for (const text of ["one", "two", "one"]) recall.note("tea", text);
  assert.equal(recall.step("tea", -1, "draft"), "one");
  assert.equal(recall.step("tea", -1, "one"), "two");
  assert.equal(recall.step("tea", -1, "two"), null, "each text is there once");
  assert.equal(recall.step("tea", 1, "two"), "one");
  assert.equal(recall.step("tea", 1, "one"), "draft");
  assert.ok(!recall.active);
});

test("each room has its own texts", () => {
  const recall = new Recall();
  recall.note("tea", "one");
  assert.equal(recall.step("cake", -1, ""), null);
});

test("a user who writes on begins at the newest again", () => {
  const recall = new Recall();
  for (const text of ["one", "two"]) recall.note("tea", text);
  recall.step("tea", -1, "");
  recall.stop();
  assert.equal(recall.step("tea", -1, ""), "two");
});

test("a room where the user goes on writing is not forgotten", () => {
  const recall = new Recall();
  for (let room = 0; room <= 50; room += 1) {
    recall.note("tea", `text ${room}`);
    recall.note(`room ${room}`, "text");
  }
  assert.equal(recall.step("tea", -1, ""), "text 50");
  assert.equal(recall.step("tea", -1, "text 50"), "text 49");
});

test("of very many rooms and texts the oldest are forgotten", () => {
  const recall = new Recall();
  for (let room = 0; room <= 50; room += 1) recall.note(`room ${room}`, "text");
  assert.equal(recall.step("room 0", -1, ""), null);
  recall.stop();
  assert.equal(recall.step("room 1", -1, ""), "text");
  for (let text = 0; text <= 50; text += 1) recall.note("tea", `text ${text}`);
  for (let text = 50; text > 0; text -= 1) assert.equal(recall.step("tea", -1, ""), `text ${text}`);
  assert.equal(recall.step("tea", -1, ""), null);
});

test("a text does not come back when its message was taken back, by whomever", () => {
  const recall = new Recall();
  for (const text of ["a word", "again ", "again ", "/edit xyzzy", "last"]) recall.note("tea", text);
  recall.said("tea", "a word", 3);
  for (const seq of [4, 5]) recall.said("tea", "again", seq);
  recall.said("tea", "xyzzy", 3); // 3 was edited
  recall.said("tea", "", 6); // files alone
  recall.said("cake", "last", 7);
  recall.takenBack("tea", 6);
  recall.takenBack("tea", 7);
  recall.step("tea", -1, "");
  recall.takenBack("tea", 4); // it was said twice, and one of these is gone
  assert.ok(!recall.active);
  recall.takenBack("tea", 3);
  assert.equal(recall.step("tea", -1, ""), "last");
  assert.equal(recall.step("tea", -1, "last"), null);
  recall.drop("tea");
  assert.equal(recall.step("tea", -1, ""), null);
});

test("a command goes with the text that it was about", () => {
  const recall = new Recall();
  for (const text of ["/edit xyzzy", "//xyzzy", "no xyzzy"]) recall.note("tea", text);
  recall.forget("tea", "xyzzy");
  assert.equal(recall.step("tea", -1, ""), "no xyzzy");
  assert.equal(recall.step("tea", -1, "no xyzzy"), null);
});
