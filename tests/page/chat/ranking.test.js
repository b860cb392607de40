import assert from "node:assert/strict";
import { test } from "node:test";
import { ranked } from "../../../src/hubbub/page/chat/ranking.js";

const ROOMS = [
  { name: "Tea-Room", users: 1 },
  { name: "Cake", users: 9 },
  { name: "Tea", users: 2 },
  { name: "Teapots", users: 3 },
];
const nowhere = () => null;

function names(wish, standing = nowhere, paged = false) {
  return ranked(ROOMS, wish, standing, paged).map(({ name }) => name);
}

test("rooms with more users come first", () => {
  assert.deepEqual(names(""), ["Cake", "Teapots", "Tea", "Tea-Room"]);
});

test("rooms fit by any part of the name, and the one that is meant is the first", () => {
  assert.deepEqual(names("TEA"), ["Tea", "Teapots", "Tea-Room"]);
  assert.deepEqual(names("room tea"), ["Tea-Room"]);
  assert.deepEqual(names("tea_room"), ["Tea-Room"]);
  assert.deepEqual(names("coffee"), []);
});

test("mentions come before what is unread, and that before where the user was lately", () => {
  const standings = {
    teapots: { unread: 0, mentions: 0, visited: 1 },
    "tea-room": { unread: 0, mentions: 0, visited: 0 },
    cake: { unread: 5, mentions: 0, visited: 9 },
    tea: { unread: 1, mentions: 1, visited: 9 },
  };
  assert.deepEqual(names("", (key) => standings[key]), ["Tea", "Cake", "Tea-Room", "Teapots"]);
});

test("rooms that come in pages stay in the server's order", () => {
  assert.deepEqual(names("", nowhere, true), ["Tea-Room", "Cake", "Tea", "Teapots"]);
});
