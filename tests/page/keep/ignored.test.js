import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.addEventListener = () => {}; // there are no other tabs
const { Ignored } = await import("../../../src/hubbub/page/keep/ignored.js");

test("who is blocked is known by the id, whatever the name, and nobody else by that name", () => {
  const ignored = new Ignored();
  assert.equal(ignored.nobody, true);
  ignored.follow({ u1: "eve" });
  assert.equal(ignored.nobody, false);
  assert.equal(ignored.has("eve", "u1"), true);
  assert.equal(ignored.has("evelyn", "u1"), true);
  assert.equal(ignored.has("eve", "u2"), false, "somebody else has the name by now");
  assert.equal(ignored.has("Eve"), true, "where no id is known, it goes by the name");
  ignored.follow({});
  assert.equal(ignored.has("eve", "u1"), false);
});

test("whom this browser ignores is known by the name", () => {
  const ignored = new Ignored();
  assert.equal(ignored.set("ben", true), true);
  assert.equal(ignored.has("Ben", "u3"), true);
  assert.deepEqual(ignored.names, ["ben"]);
});
