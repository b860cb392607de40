import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff, retryDelay } from "../../../src/hubbub/page/net/backoff.js";
import { whyTooLong } from "../../../src/hubbub/page/net/frame.js";
import { Pace } from "../../../src/hubbub/page/net/pace.js";

/** How many commands go at once. */
function burst(pace, now) {
  let sent = 0;
  for (; pace.wait(now) === 0; sent += 1) {
    pace.sent(now);
    pace.answered();
  }
  return sent;
}

test("commands go no faster than the server takes them", () => {
  const [rate, most] = [10, 20];
  const pace = new Pace(rate, most, 0);
  let sent = 1; // hello
  for (let now = 0; now <= 60_000; now += 7) {
    sent += burst(pace, now);
    assert.ok(sent <= most + (rate * now) / 1000, `${sent} after ${now} ms`);
  }
  assert.ok(sent > 60 * rate * 0.9);
});

test("a server that restarts is believed, within bounds, when it says once that it is back", () => {
  const planned = (seconds) => new Backoff().planned(seconds);
  assert.equal(planned(1.5), 1500);
  assert.equal(planned(0), 200);
  assert.equal(planned(1e9), 60_000);
  for (const nonsense of [undefined, null, "1", -1, NaN, Infinity]) assert.equal(planned(nonsense), null);
  const backoff = new Backoff();
  assert.equal(backoff.planned(0), 200);
  assert.equal(backoff.planned(0), null);
  backoff.lived(10_000);
  assert.equal(backoff.planned(0), 200);
});

test("no more than half a burst waits for answers", () => {
  const pace = new Pace(1000, 20, 0);
  for (let now = 0; pace.wait(now) !== Infinity; now += 1) if (pace.wait(now) === 0) pace.sent(now);
  pace.answered();
  assert.equal(pace.wait(1000), 0);
});

test("without a limit nothing waits but for answers", () => {
  const pace = new Pace(0, 1, 0);
  for (let sent = 0; sent < pace.window; sent += 1) {
    assert.equal(pace.wait(0), 0);
    pace.sent(0);
  }
  assert.equal(pace.wait(0), Infinity);
});

test("pauses grow to a cap, and begin again after a good connection", () => {
  const backoff = new Backoff();
  const pauses = Array.from({ length: 50 }, () => backoff.pause());
  assert.ok(pauses[0] >= 200 && pauses[0] <= 500);
  assert.ok(pauses.every((pause) => pause >= 200 && pause <= 30_000));
  assert.ok(Math.max(...pauses) > 5_000);
  backoff.lived(10_000);
  assert.ok(backoff.pause() <= 500);
});

test("what a server asks us to wait is kept within reason", () => {
  assert.deepEqual([2, 0, 1e9, undefined, NaN, "5"].map((seconds) => retryDelay(seconds, 7)), [2000, 250, 3_600_000, 7, 7, 7]);
});

test("what is longer than the server takes is said to be so, with a cure", () => {
  const command = { type: "say", text: "é".repeat(50) };
  assert.equal(whyTooLong(command, null), "");
  assert.equal(whyTooLong(command, { line: 1000 }), "");
  assert.match(whyTooLong(command, { line: 100 }), /this server takes 100 at once. Please split it\./);
  assert.match(whyTooLong({ ...command, type: "search" }, { line: 100 }), /Please shorten it\./);
});
