import assert from "node:assert/strict";
import { test } from "node:test";
import { joined, parted } from "../../../src/hubbub/page/text/filters.js";

test("filters are parted from the words, and put back", () => {
  const { words, filters } = parted('tea from:ada "in:quotes" IN:General has:link from:ben');
  assert.deepEqual([words, filters], ['tea "in:quotes"', { from: "ben", in: "General", has: "link" }]);
  assert.equal(joined(words, filters), 'tea "in:quotes" in:General from:ben has:link');
});

test("has: is a filter with a link only", () => {
  assert.deepEqual(parted("has:tea"), { words: "has:tea", filters: {} });
});
