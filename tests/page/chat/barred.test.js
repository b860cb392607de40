import assert from "node:assert/strict";
import { test } from "node:test";
import { barred } from "../../../src/hubbub/page/chat/barred.js";

const open = { whyNot: () => null };
const muted = { whyNot: () => "You are muted." };

test("who may write is told nothing", () => {
  assert.deepEqual(barred(open, { stage: "in", standing: null, wait: 0 }), { sentence: "", again: 0 });
});

test("who may not is told why, but only in a room where they are", () => {
  assert.equal(barred(muted, { stage: "in", standing: null, wait: 0 }).sentence, "You are muted.");
  assert.equal(barred(muted, { stage: "out", standing: null, wait: 0 }).sentence, "");
});

test("slow mode counts down to the whole second", () => {
  const { sentence, again } = barred(open, { stage: "in", standing: { slow: 30 }, wait: 1500 });
  assert.equal(sentence, "Slow mode: everybody sends one message in 30 seconds. You can write again in 2 seconds.");
  assert.equal(again, 501);
});

test("who has a role need not wait", () => {
  assert.equal(barred(open, { stage: "in", standing: { slow: 30, role: "voice" }, wait: 1500 }).sentence, "");
});
