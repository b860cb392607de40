import assert from "node:assert/strict";
import { test } from "node:test";
import { quotable, shownSize, sortOf } from "../../../src/hubbub/page/text/attached.js";

const FILE = { id: "1", name: "a", size: 1, type: "application/octet-stream" };

test("what is shown and what is played is told by the type", () => {
  assert.equal(sortOf({ ...FILE, type: "image/png", width: 2, height: 2 }), "picture");
  assert.equal(sortOf({ ...FILE, type: "video/mp4" }), "video");
  assert.equal(sortOf({ ...FILE, type: "audio/ogg" }), "sound");
  for (const type of ["image/svg+xml", "text/html", "application/pdf", "image/png"]) assert.equal(sortOf({ ...FILE, type }), "file");
});

test("a picture has its place before it is there, in its own proportions, and is never larger than it is", () => {
  assert.deepEqual(shownSize({ ...FILE, width: 20, height: 10 }), { width: 20, height: 10 });
  assert.deepEqual(shownSize({ ...FILE, width: 3600, height: 1800 }), { width: 360, height: 180 });
  assert.deepEqual(shownSize({ ...FILE, width: 10, height: 28_000 }), { width: 1, height: 280 });
  assert.deepEqual(shownSize(FILE), { width: 1, height: 1 });
});

test("a message without words is quoted by the name of its file", () => {
  assert.equal(quotable({ text: "Hi", files: [FILE] }), "Hi");
  assert.equal(quotable({ text: "", files: [FILE] }), "📎 a");
  assert.equal(quotable({ text: "" }), "");
});
