import assert from "node:assert/strict";
import { test } from "node:test";
import { Lost, Refused } from "../../../src/hubbub/page/net/failures.js";
import { Requests } from "../../../src/hubbub/page/net/requests.js";

const LIMITS = { text: 1000, line: 200, rate: 0, burst: 0, rooms: 9, history: 9 };

/** Requests on a connection that only notes what is sent. */
function begun(limits = LIMITS, texts = []) {
  const sent = [];
  const connection = { send: (command) => sent.push(command) };
  const requests = new Requests(connection, { next: () => texts.shift() ?? null });
  requests.begin(limits);
  return { requests, sent };
}

test("each command gets the answer with its number", async () => {
  const { requests, sent } = begun();
  const [rooms, pong] = [requests.ask({ type: "rooms" }), requests.ask({ type: "ping" })];
  assert.ok(requests.take({ type: "pong", re: sent[1].id }));
  assert.ok(requests.take({ type: "rooms", re: sent[0].id, rooms: [] }));
  assert.equal((await pong).type, "pong");
  assert.deepEqual((await rooms).rooms, []);
});

test("a frame that answers nothing, or answers as nothing does, is left", () => {
  const { requests, sent } = begun();
  requests.ask({ type: "ping" });
  assert.ok(!requests.take({ type: "events" }));
  assert.ok(!requests.take({ type: "pong", re: 99 }));
  assert.ok(!requests.take({ type: "rooms", re: sent[0].id }));
  assert.ok(requests.take({ type: "pong", re: sent[0].id }));
  assert.ok(!requests.take({ type: "pong", re: sent[0].id }), "the second time");
});

test("an error answers any command, with its code", async () => {
  const { requests, sent } = begun();
  const asked = requests.ask({ type: "rooms" });
  requests.take({ type: "error", re: sent[0].id, code: "bad-name", message: "No.", retry_after: 2 });
  await assert.rejects(asked, (error) => error instanceof Refused && error.code === "bad-name" && error.retryAfter === 2);
});

test("with the connection all that is unanswered is lost, and nothing is asked", async () => {
  const { requests, sent } = begun();
  const asked = requests.ask({ type: "rooms" });
  requests.end();
  await assert.rejects(asked, Lost);
  await assert.rejects(requests.ask({ type: "rooms" }), Lost);
  assert.equal(sent.length, 1);
});

test("commands that the pace holds back go in order, before texts", async () => {
  const text = { command: { type: "say" }, answered: () => {}, failed: () => {} };
  const { requests, sent } = begun({ ...LIMITS, rate: 1000, burst: 2 }, [text]);
  const asked = ["rooms", "who"].map((type) => requests.ask({ type }));
  while (sent.length < 3) {
    await new Promise((later) => setTimeout(later));
    for (const { id, type } of sent) requests.take({ type: { rooms: "rooms", who: "who", say: "ack" }[type], re: id });
  }
  await Promise.all(asked);
  assert.deepEqual(sent.map(({ type }) => type), ["rooms", "who", "say"]);
});

test("a command that is too long for the server is not sent", async () => {
  const { requests, sent } = begun();
  await assert.rejects(requests.ask({ type: "search", query: "a".repeat(300) }), /300|shorten/);
  assert.deepEqual(sent, []);
});
