import assert from "node:assert/strict";
import { test } from "node:test";
import { formatQuery, parseQuery } from "../../../src/hubbub/page/text/filters.js";

test("filters are parted from the words, and put back", () => {
  const { words, filters } = parseQuery('tea from:ada "in:quotes" IN:General has:link from:ben');
  assert.deepEqual([words, filters], ['tea "in:quotes"', { from: "ben", in: "General", has: "link" }]);
  assert.equal(formatQuery(words, filters), 'tea "in:quotes" in:General from:ben has:link');
});

test("has: is a filter with a link only", () => {
  assert.deepEqual(parseQuery("has:tea"), { words: "has:tea", filters: {} });
});
