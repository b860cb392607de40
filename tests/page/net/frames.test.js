import assert from "node:assert/strict";
import { test } from "node:test";
import { frameOf } from "../../../src/hubbub/page/net/frames.js";

const read = (frame) => frameOf(JSON.stringify(frame));
const said = { kind: "said", seq: 1, at: 0, by: "ada", text: "hello" };
const events = (...list) => ({ type: "events", room: "General", events: list });

/** What is so deep that a copy of it could fail. */
const deep = (levels) => (levels ? { in: deep(levels - 1) } : 1);

test("a frame is taken as it is, with what a newer server tells besides", () => {
  for (const frame of [
    events(said, { kind: "unheard-of", seq: 2, at: 0, by: "ben", colour: "red" }),
    { type: "pong", id: "beat", re: "beat" },
    { type: "left", room: "General", by_id: "7" },
  ]) {
    assert.deepEqual(read(frame), frame);
  }
});

test("what is no frame is left out", () => {
  for (const data of ["", "{", "null", "7", "[]", '"pong"', "{}", '{"type":"constructor"}', new ArrayBuffer(2)]) {
    assert.equal(frameOf(data), null, String(data));
  }
});

test("a frame that lacks something, or has it in another shape, is left out", () => {
  for (const frame of [
    { type: "events", room: "General" },
    events({ ...said, text: undefined }),
    events({ ...said, seq: -1 }),
    events({ ...said, seq: 1.5 }),
    events({ ...said, at: 9e15 }),
    events({ ...said, by: "a".repeat(257) }),
    events({ ...said, quote: { by: "ben" } }),
    events({ ...said, rev: "2" }),
    events(said, null),
    { type: "who", room: "General", users: "ada" },
  ]) {
    assert.equal(read(frame), null, JSON.stringify(frame).slice(0, 100));
  }
});

test("a frame may be neither too long nor too deep", () => {
  assert.ok(read({ type: "pong", ...deep(6) }));
  assert.equal(read({ type: "pong", ...deep(7) }), null);
  assert.equal(frameOf(`{"type":"pong"}${" ".repeat(16 * 1024 * 1024)}`), null);
});
