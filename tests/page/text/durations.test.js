import assert from "node:assert/strict";
import { test } from "node:test";
import { inWords } from "../../../src/hubbub/page/text/durations.js";
import { parseDuration, splitDuration } from "../../../src/hubbub/page/text/typed-durations.js";
import { vectors } from "../vectors.js";

const { parsed, split, words } = vectors("durations");

test("a time is read as people type it", () => {
  for (const { text, ...read } of parsed) assert.deepEqual(parseDuration(text), read, text);
});

test("a time may stand before a reason", () => {
  for (const { text, ...read } of split) assert.deepEqual(splitDuration(text), read, text);
});

test("a time is told in words", () => {
  for (const { seconds, words: told } of words) assert.equal(inWords(seconds), told);
});
