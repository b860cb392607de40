import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Lost, Refused } from "../../../src/hubbub/page/net/failures.js";
import { RESULTS } from "../../../src/hubbub/page/net/results.js";
import { have } from "../../../src/hubbub/page/net/tasks.js";

const real = globalThis.fetch;
afterEach(() => (globalThis.fetch = real));

/** What comes of a task if the server answers so. */
function answered(body, status = 200, task = "users") {
  globalThis.fetch = async () => new Response(body, { status });
  return have(task, {}, { token: "t", patience: 1000, shape: RESULTS[task] });
}

test("a task is asked for with the token, and its result given", async () => {
  let asked;
  globalThis.fetch = async (path, how) => {
    asked = [path, how.method, how.headers.Authorization, how.body];
    return new Response('{"users": [], "total": 0, "new": 1}');
  };
  const told = await have("users", { query: "ada" }, { token: "secret", patience: 1000, shape: RESULTS.users });
  assert.deepEqual(told, { users: [], total: 0, new: 1 });
  assert.deepEqual(asked, ["api/admin/users", "POST", "Bearer secret", '{"query":"ada"}']);
});

test("a refusal is told in the server's words, not all of a long one", async () => {
  const error = { code: "failed", message: "x".repeat(10_000) };
  await assert.rejects(answered(JSON.stringify({ error }), 400), (why) => why instanceof Refused && why.code === "failed" && why.message.length === 500);
});

test("what has another shape, or is no JSON, is not taken", async () => {
  for (const body of ["", "{", "null", "7", '{"users": {}}', '{"users": [{}], "total": 1}', `{"users": [], "total": 1.5}`]) {
    await assert.rejects(answered(body), (why) => why instanceof Lost && /cannot be understood/.test(why.message), body);
  }
  for (const body of ["<html>", "{}", '{"error": 7}', '{"error": {"code": {}, "message": "x"}}']) {
    await assert.rejects(answered(body, 502), Lost, body);
  }
});

test("no more is read of an answer than an honest server gives", async () => {
  let given = 0;
  const endless = new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array((given += 65_536, 65_536)).fill(32)) });
  await assert.rejects(answered(endless), /cannot be understood/);
  assert.ok(given < 5 * 1024 * 1024);
});

test("without a connection, and without an answer in time, it says which", async () => {
  globalThis.fetch = async () => Promise.reject(new TypeError("Failed to fetch"));
  await assert.rejects(have("status", {}, { token: "", patience: 1000, shape: RESULTS.status }), /cannot be reached/);
  globalThis.fetch = (_, { signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const waiting = setTimeout(() => {}, 5000); // the timer of a signal keeps no process alive
  await assert.rejects(have("status", {}, { token: "", patience: 1, shape: RESULTS.status }), /not answered in time/);
  clearTimeout(waiting);
  await assert.rejects(answered("<html>", 504), /not answered in time/, "a proxy has lost its patience");
});

test("a list is no longer than what is shown could be", () => {
  const row = { name: "ada", account: true, role: "member", here: true, banned: false };
  const page = (rows) => ({ users: Array(rows).fill(row), total: rows });
  assert.ok(RESULTS.users(page(500)));
  assert.ok(!RESULTS.users(page(2001)));
  assert.ok(!RESULTS.users({ users: [{ ...row, name: "x".repeat(257) }], total: 1 }));
});
