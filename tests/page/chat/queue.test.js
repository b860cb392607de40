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
