import assert from "node:assert/strict";
import { test } from "node:test";
import { rulesOf } from "../../../src/hubbub/page/text/rules.js";

test("a room without rules is open to everybody", () => {
  assert.deepEqual(rulesOf(null), ["Everybody may come in, and read."]);
});

test("each rule is a sentence", () => {
  const standing = { access: "members", speak: "voices", slow: 30, guests: false, archived: true, muted: true, role: "voice" };
  const sentences = rulesOf(standing);
  assert.equal(sentences.length, 7);
  assert.match(sentences[0], /private/);
  assert.ok(sentences.includes("Slow mode: everybody sends one message in 30 seconds."));
  assert.ok(sentences.includes("You have a voice here."));
});

test("who speaks from outside, who sets the topic and how many may come is told, if it is not as in any room", () => {
  assert.deepEqual(rulesOf({ outside: false, topics: "moderators", most: 5 }).slice(1), [
    "5 people may be in it, and not more.",
    "Only who is in it may say something there.",
    "Only moderators set the topic.",
  ]);
});

test("what newcomers read and write is told, if it is not as for everybody", () => {
  assert.deepEqual(rulesOf({ history: "since", newcomers: "held", newcomer: true }).slice(1), [
    "Who comes in reads what is said from then on, and nothing older.",
    "Newcomers write slowly, without links, and their messages wait until a moderator has let a first one through.",
    "You are a newcomer here.",
  ]);
  assert.equal(rulesOf({ newcomer: true }).length, 1);
});
