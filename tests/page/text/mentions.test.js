import assert from "node:assert/strict";
import { test } from "node:test";
import { mentions, mentionsOf } from "../../../src/hubbub/page/text/mentions.js";
import { vectors } from "../vectors.js";

/** The text in pieces: every other one is a mention. */
function piecesOf(name, text) {
  const pieces = [];
  let place = 0;
  for (const [start, end] of mentionsOf(name, text)) {
    pieces.push(text.slice(place, start), text.slice(start, end));
    place = end;
  }
  return [...pieces, text.slice(place)];
}

test("mentions are where the vectors say", () => {
  for (const { name, text, pieces } of vectors("mentions")) {
    assert.deepEqual(piecesOf(name, text), pieces, text);
    assert.equal(mentions(name, text), pieces.length > 1, text);
  }
});

test("nobody is mentioned where nobody is signed in", () => {
  assert.deepEqual(mentionsOf(null, "@ada null"), []);
});
