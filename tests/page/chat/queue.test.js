import assert from "node:assert/strict";
import { test } from "node:test";
import { Queue } from "../../../src/hubbub/page/chat/queue.js";
import { Refused } from "../../../src/hubbub/page/net/failures.js";

const TEA = { name: "Tea", key: "tea" };

/** A queue of ada's lines; `returned` is what becomes of those that may not be said so. */
function lines(returned = () => false) {
  const identity = () => ({ user: "ada", id: "a1", account: false, token: "t", cursor: 5 });
  return new Queue({ ready: () => true, said: () => {}, delay: () => false, returned, identity, resume: () => {} });
}

/** Says a text, which the server refuses. */
function refuse(queue, text, code, reply = null) {
  queue.add(TEA, text, reply);
  queue.next().failed(new Refused({ code, message: `Because of ${code}.` }));
}

test("a line that is held waits, and is not sent again", () => {
  const queue = lines();
  refuse(queue, "hello", "held");
  const [line] = queue.of("tea");
  assert.equal(line.held, true);
  assert.equal(line.why, "");
  assert.equal(queue.next(), null);
  assert.equal(queue.size, 0, "it is on the server");
  assert.equal(queue.discardFailed("tea"), 0);
});

test("a line that the server cannot save just now says so until something else is known", () => {
  const queue = lines();
  queue.add(TEA, "hello", null);
  const { failed } = queue.next();
  failed(new Refused({ code: "log-unavailable", message: "The database is away." }));
  const [line] = queue.of("tea");
  assert.deepEqual([line.unsaved, line.why], [true, ""]);
  failed(new Error("The connection is lost."));
  assert.equal(line.unsaved, false);
});

test("a line that is held does not hold up the next ones", () => {
  const queue = lines();
  refuse(queue, "hello", "held");
  queue.add(TEA, "again", null);
  assert.equal(queue.next().command.text, "again");
});

test("a line that is held is gone when it is let through", () => {
  const queue = lines();
  refuse(queue, "hello", "held");
  const event = { kind: "said", seq: 6, at: 6, by: "ada", by_id: "a1", text: "hello" };
  queue.recognise("tea", { ...event, by: "ben", by_id: "b2" });
  queue.recognise("other", event);
  assert.equal(queue.of("tea").length, 1);
  queue.recognise("tea", event);
  assert.deepEqual(queue.of("tea"), []);
});

test("after a new welcome a line that is held is looked for in the room", () => {
  const queue = lines();
  refuse(queue, "hello", "held");
  queue.welcomed();
  assert.equal(queue.doubtful("tea").length, 1);
  queue.resolveDoubts("tea", queue.doubtful("tea"), []);
  assert.equal(queue.of("tea")[0].held, true, "nobody has decided");
  assert.equal(queue.next(), null);
  queue.welcomed();
  const event = { kind: "said", seq: 7, at: 7, by: "ada", by_id: "a1", text: "hello" };
  queue.resolveDoubts("tea", queue.doubtful("tea"), [event]);
  assert.deepEqual(queue.of("tea"), []);
});

test("a line with a word that may not be said goes back to where it was written", () => {
  const back = [];
  refuse(lines((line, why) => back.push([line.text, why])), "spam", "filtered");
  assert.deepEqual(back, [["spam", "Because of filtered."]]);
  const busy = lines();
  refuse(busy, "spam", "filtered");
  assert.equal(busy.of("tea")[0].why, "Because of filtered.", "where something else is written it stays here");
});

test("a line that replies to a former member quotes nothing of them", () => {
  const queue = lines();
  queue.add(TEA, "yes", { seq: 2, by: "eve", by_id: "e3", text: "tea?" });
  queue.forgetAuthor("tea", { kind: "forgotten", seq: 9, at: 9, by: "former member", by_id: "e3", emptied: true });
  assert.deepEqual(queue.of("tea")[0].reply, { seq: 2, by: "former member", by_id: "e3", text: "" });
});

// What is done with messages that are there

const LIKE = { kind: "reacted", target: 3, emoji: "👍", on: true };
const EDIT = { kind: "edited", target: 3, text: "better" };

test("an amendment is sent by its number, once, and is shown until its event has come", () => {
  const queue = lines();
  queue.amend(TEA, EDIT);
  assert.deepEqual(queue.of("tea"), [], "it is no text");
  const { command, answered } = queue.next();
  const { nonce, ...rest } = command;
  assert.deepEqual(rest, { type: "edit", room: "Tea", target: 3, text: "better" });
  assert.ok(nonce);
  assert.equal(queue.next(), null, "it is under way");
  answered({ seq: 9 });
  assert.equal(queue.next(), null, "nor is it sent again");
  assert.equal(queue.amending("tea").length, 1);
  queue.arrived("tea", 8);
  assert.equal(queue.amending("tea").length, 1);
  queue.arrived("tea", 9);
  assert.deepEqual(queue.amending("tea"), []);
});

test("an amendment whose event has come before the answer is gone with that", () => {
  const queue = lines();
  queue.amend(TEA, LIKE);
  queue.next().answered({ seq: 5 }); // up to which the room is known
  assert.deepEqual(queue.amending("tea"), []);
});

test("of a reaction that was set and taken away before it was sent the last word is sent alone", () => {
  const queue = lines();
  queue.amend(TEA, LIKE);
  queue.amend(TEA, { ...LIKE, emoji: "🎉" });
  queue.amend(TEA, { ...LIKE, on: false });
  const sent = [queue.next(), queue.next()].map(({ command }) => [command.emoji, command.on]);
  assert.deepEqual(sent, [["🎉", true], ["👍", false]]);
  assert.equal(queue.next(), null);
});

test("slow mode holds no amendments, and a text that waits holds none either", () => {
  const identity = () => ({ user: "ada", id: "a1", account: false, token: "t", cursor: 5 });
  const given = { said: () => {}, delay: () => false, returned: () => false, identity, resume: () => {} };
  const queue = new Queue({ ready: (_, amends) => amends, ...given });
  queue.add(TEA, "hello", null);
  queue.amend(TEA, LIKE);
  assert.equal(queue.next().command.type, "react");
  assert.equal(queue.next(), null);
});

test("an edit that is refused stays, and says why; a reaction is told of, and is gone", () => {
  const told = [];
  const queue = lines((line, why) => line.amend.kind !== "edited" && told.push(why));
  queue.amend(TEA, EDIT);
  queue.next().failed(new Refused({ code: "not-allowed", message: "It is too old." }));
  assert.equal(queue.amending("tea")[0].why, "It is too old.");
  queue.amend(TEA, LIKE);
  queue.next().failed(new Refused({ code: "too-many", message: "There are so many." }));
  assert.deepEqual(told, ["There are so many."]);
  assert.equal(queue.amending("tea").length, 1);
  queue.amend(TEA, { ...EDIT, text: "best" });
  assert.deepEqual(queue.amending("tea").map(({ amend }) => amend.text), ["best"], "another edit is instead of it");
});

test("what waits for a message that was taken back is of no use", () => {
  const queue = lines();
  queue.amend(TEA, EDIT);
  const { failed } = queue.next();
  queue.amend(TEA, { ...LIKE, target: 4 });
  queue.add(TEA, "yes", { seq: 3, by: "eve", by_id: "e3", text: "tea?" });
  queue.revise("tea", { kind: "edited", seq: 8, at: 8, by: "eve", target: 3, text: "coffee?" });
  assert.equal(queue.of("tea")[0].reply.text, "coffee?");
  queue.revise("tea", { kind: "redacted", seq: 9, at: 9, by: "eve", target: 3 });
  assert.deepEqual(queue.amending("tea").map(({ amend }) => amend.target), [4]);
  assert.equal(queue.of("tea")[0].reply.text, "");
  failed(new Refused({ code: "bad-message", message: "It was taken back." }));
  assert.equal(queue.amending("tea").length, 1, "and the refusal that comes late brings nothing back");
});

test("a reaction of a guest whom the server has forgotten is not made a second one", () => {
  let token = "t";
  const identity = () => ({ user: "ada", id: `id of ${token}`, account: false, token, cursor: 5 });
  const queue = new Queue({ ready: () => true, said: () => {}, delay: () => false, returned: () => false, identity, resume: () => {} });
  queue.amend(TEA, LIKE);
  queue.next().failed(new Error("The connection was lost."));
  queue.amend(TEA, { ...LIKE, emoji: "🎉" });
  token = "another";
  queue.welcomed();
  assert.equal(queue.next().command.emoji, "🎉");
  assert.equal(queue.next(), null);
});

test("a message names its files, and what they show", () => {
  const queue = lines();
  const file = { id: "f1", name: "a.png", size: 3, type: "image/png" };
  queue.add(TEA, "", null, [{ ...file, alt: "A cup" }, { ...file, id: "f2" }]);
  assert.deepEqual(queue.next().command.files, [{ id: "f1", alt: "A cup" }, { id: "f2" }]);
  queue.add(TEA, "no file", null);
  assert.ok(!("files" in queue.of("tea")[1]));
});
