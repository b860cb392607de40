import assert from "node:assert/strict";
import { test } from "node:test";
import { frameOf } from "../../../src/hubbub/page/net/frames.js";
import { vectors } from "../vectors.js";

const read = (frame) => frameOf(JSON.stringify(frame));
const said = { kind: "said", seq: 1, at: 0, by: "ada", text: "hello" };
const events = (...list) => ({ type: "events", room: "General", events: list });

/** What is so deep that a copy of it could fail. */
const deep = (levels) => (levels ? { in: deep(levels - 1) } : 1);

test("a frame is taken as it is, with what a newer server tells besides", () => {
  for (const frame of [
    events(said, { kind: "unheard-of", seq: 2, at: 0, by: "ben", colour: "red" }),
    events({ ...said, notice: true, tags: { "+draft/reply": "7" } }),
    { type: "pong", id: "beat", re: "beat" },
    { type: "left", room: "General", by_id: "7" },
  ]) {
    assert.deepEqual(read(frame), frame);
  }
});

test("each kind of event that there is may come", () => {
  for (const { event } of vectors("sentences")) assert.ok(read(events(event)), JSON.stringify(event));
  for (const vector of vectors("fold")) if (vector.events.length) assert.ok(read(events(...vector.events)), vector.about);
});

test("what holds in a room, and what one is there, may come with a join and by itself", () => {
  const standing = { access: "members", role: "owner", speak: "voices", slow: 5, roles: { ada: "owner" }, people: ["ben"] };
  assert.ok(read({ type: "joined", room: "Tea", users: ["ada"], head: 1, after: 0, standing }));
  assert.ok(read({ type: "standing", room: "Tea", standing: {} }));
  for (const wrong of [{ role: "king" }, { access: 1 }, { muted: 7 }, { roles: { ada: null } }, { roles: ["owner"] }, { people: "ben" }]) {
    assert.equal(read({ type: "standing", room: "Tea", standing: wrong }), null, JSON.stringify(wrong));
  }
  assert.equal(read({ type: "standing", room: "Tea" }), null);
});

test("what is told once of a second factor and of a ticket may come", () => {
  const ticket = { id: "t1", by: "ada", uses: 3, until: 9 };
  assert.ok(read({ type: "factor", secret: "ABC", uri: "otpauth://totp/x" }));
  assert.ok(read({ type: "recovery-codes", codes: ["a-b"] }));
  assert.ok(read({ type: "ticket", room: "Tea", code: "x", ticket }));
  assert.ok(read({ type: "tickets", room: "Tea", tickets: [ticket] }));
  assert.equal(read({ type: "tickets", room: "Tea", tickets: [{ ...ticket, uses: "many" }] }), null);
  assert.equal(read({ type: "recovery-codes", codes: [1] }), null);
});

test("lists of devices and of bans may come", () => {
  const device = { id: "d1", client: "page", address: "::1", since: 5, seen: 9 };
  assert.ok(read({ type: "devices", devices: [device] }));
  assert.equal(read({ type: "devices", devices: [{ ...device, seen: "today" }] }), null);
  const ban = { seq: 7, by: "ada", user: "eve", reason: "spam" };
  assert.ok(read({ type: "bans", room: "Tea", bans: [ban], muted: { ben: null, cleo: 9 } }));
  assert.equal(read({ type: "bans", room: "Tea", bans: [{ ...ban, seq: null }] }), null);
  assert.equal(read({ type: "bans", room: "Tea", bans: [], muted: { ben: "long" } }), null);
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
    events({ ...said, notice: 1 }),
    { type: "signal", room: "General", by: "ada", text: "what programs tell programs is shown to nobody" },
    events(said, null),
    { type: "who", room: "General", users: "ada" },
    events({ kind: "role", seq: 1, at: 0, by: "ada", user: "ben" }),
    events({ kind: "banned", seq: 1, at: 0, by: "ada", user: "ben", network: "x".repeat(129) }),
    events({ kind: "direct", seq: 1, at: 0, by: "ada", users: Array(101).fill("ada"), ids: [] }),
  ]) {
    assert.equal(read(frame), null, JSON.stringify(frame).slice(0, 100));
  }
});

test("a frame may be neither too long nor too deep", () => {
  assert.ok(read({ type: "pong", ...deep(6) }));
  assert.equal(read({ type: "pong", ...deep(7) }), null);
  assert.equal(frameOf(`{"type":"pong"}${" ".repeat(16 * 1024 * 1024)}`), null);
});

test("what became of a message may come, and in no other shape", () => {
  const form = { edited_at: 5, redacted: { at: 5, by: "ben" }, reactions: [{ emoji: "👍", users: ["ben"], ids: ["b2"] }], replies: 2 };
  const file = { id: "f1", name: "a.png", size: 3, type: "image/png", thumbnail: true };
  assert.ok(read(events({ ...said, ...form, files: [file] })));
  const liked = { kind: "reacted", seq: 2, at: 0, by: "ben", target: 1, emoji: "👍" };
  for (const wrong of [
    { ...said, reactions: [{ emoji: "👍", users: ["ben"], ids: [] }] },
    { ...said, reactions: Array(201).fill(form.reactions[0]) },
    { ...said, reactions: [{ emoji: "x".repeat(81), users: [], ids: [] }] },
    { ...said, redacted: { by: "ben" } },
    { ...said, replies: -1 },
    { ...said, files: [{ ...file, size: "3" }] },
    { ...said, files: Array(101).fill(file) },
    { ...liked, emoji: 7 },
    { ...liked, target: null },
    { ...liked, kind: "edited" },
  ]) {
    assert.equal(read(events(wrong)), null, JSON.stringify(wrong).slice(0, 100));
  }
  assert.ok(read({ type: "messages", room: "Tea", events: [said], head: 1, more: true }));
  assert.ok(read({ type: "versions", room: "Tea", target: 1, versions: [{ at: 1, text: "x" }] }));
  assert.equal(read({ type: "versions", room: "Tea", target: 1, versions: [{ at: 1 }] }), null);
  assert.equal(read({ type: "standing", room: "Tea", standing: { pins: ["1"] } }), null);
});
