import assert from "node:assert/strict";
import { test } from "node:test";
import { excerpt } from "../../../src/hubbub/page/text/excerpt.js";

test("an excerpt is one line without marks", () => {
  assert.equal(excerpt("**Tea**\n\nat _four_?"), "Tea at four?");
  assert.equal(excerpt("```\none\n```"), "one");
});

test("a block of code that has no end is told without its fence", () => {
  assert.equal(excerpt("see ``` here"), "see here");
});

test("a text of marks alone stays as it is", () => {
  assert.equal(excerpt("```"), "```");
});

test("a long text is cut between characters, not inside of one", () => {
  assert.equal(excerpt("🫖".repeat(121)), `${"🫖".repeat(119)}…`);
  assert.equal(excerpt("🫖".repeat(120)), "🫖".repeat(120));
});
