import assert from "node:assert/strict";
import { test } from "node:test";
import { alike, roomNameOf } from "../../../src/hubbub/page/text/alike.js";
import { hueOf, initialOf, keyOf, listed } from "../../../src/hubbub/page/text/names.js";
import { vectors } from "../vectors.js";

test("names that somebody may have meant are those of the vectors", () => {
  for (const { typed, names, alike: meant } of vectors("alike")) assert.deepEqual(alike(typed, names), meant, typed);
});

test("a name is compared without case, width and the sign of a room", () => {
  assert.equal(keyOf(" #Ｇeneral"), "general");
  assert.equal(hueOf("Ada"), hueOf("ADA"));
});

test("a room's name has no spaces", () => {
  assert.equal(roomNameOf(" #tea, cake/biscuits "), "tea-cake-biscuits");
});

test("a name has an initial, whatever it begins with", () => {
  assert.deepEqual(["ada", "_ben", "👍🏽", "é"].map(initialOf), ["A", "B", "👍🏽", "É"]);
});

test("a few names are listed as people would say them", () => {
  const names = ["ada", "ben", "eve", "kim", "lea"];
  assert.equal(listed([]), "");
  assert.equal(listed(names.slice(0, 2)), "ada and ben");
  assert.equal(listed(names.slice(0, 4)), "ada, ben, eve and kim");
  assert.equal(listed(names), "ada, ben, eve and 2 others");
});
