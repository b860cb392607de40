import assert from "node:assert/strict";
import { test } from "node:test";
import { parse, plainOf } from "../../../src/hubbub/page/text/markup.js";
import { vectors } from "../vectors.js";

test("the grammar passes its vectors", () => {
  for (const { text, tree } of vectors("markup")) assert.deepEqual(parse(text), tree, text);
});

test("without its marks a text says the same", () => {
  assert.equal(plainOf("*so* `x` https://a.example\n> _quoted_\n```\n*code*\n```"), "so x https://a.example\nquoted\n*code*");
});
