import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { matching, toned } from "../../../src/hubbub/page/text/faces.js";

test("all emoji are there once, with a name, in the colours of skin that there are", () => {
  const groups = JSON.parse(readFileSync(new URL("../../../src/hubbub/page/text/emoji.json", import.meta.url), "utf8"));
  const faces = groups.flatMap(([, group]) => group);
  assert.equal(new Set(faces.map(([emoji]) => emoji)).size, faces.length);
  assert.ok(faces.length > 1900);
  for (const [emoji, name] of faces) assert.match(emoji, /^.{1,20}$/u, name);
  const wave = faces.find(([emoji]) => emoji === "👋");
  const pair = faces.find(([, name]) => name === "handshake");
  assert.deepEqual([toned(wave, "", ""), toned(wave, "🏿", ""), toned(wave, "", "🏻")], ["👋", "👋🏿", "👋🏻"]);
  assert.deepEqual([toned(pair, "🏿", ""), toned(pair, "🏿", "🏻")], ["🤝🏿", "🫱🏿‍🫲🏻"]);
  const found = (...words) => (matching(groups, words)[0]?.[1] ?? []).map(([emoji]) => emoji);
  assert.equal(found("thumbs")[0], "👍");
  assert.ok(found("cat").indexOf("🐱") < found("cat").indexOf("📍"), "names before other words");
  assert.deepEqual(found("nothing", "like", "that"), []);
});
