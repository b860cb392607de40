import assert from "node:assert/strict";
import { test } from "node:test";
import { patternInWords } from "../../../src/hubbub/page/text/patterns.js";

const FITS = {
  "": "",
  "  ": "",
  spam: "Fits the word “spam”.",
  "spam*": "Fits each word that begins with “spam”.",
  "*spam": "Fits each word that ends with “spam”.",
  "*spam*": "Fits each word that has “spam” in it.",
  "s*m": "Fits each word that begins with “s” and ends with “m”.",
  "a*b*c": "Fits each word that begins with “a”, has “b” in it and ends with “c”.",
  "*a*b": "Fits each word that has “a” in it and ends with “b”.",
  "*": "Fits any word.",
  " buy  now* ": "Fits these words, side by side: the word “buy”, then each word that begins with “now”.",
  "/a|b/": "Fits what the regular expression (RE2) finds, whatever the case.",
  "/": "Fits the word “/”.",
};

test("what a pattern fits is told in words", () => {
  for (const [pattern, words] of Object.entries(FITS)) assert.equal(patternInWords(pattern), words);
});
