import assert from "node:assert/strict";
import { test } from "node:test";
import { LogWindow, MAX_TAIL, MAX_VIEW } from "../../../src/hubbub/page/chat/window.js";

/** The events of a room from `first` to `last`. */
const events = (first, last) => Array.from({ length: last - first + 1 }, (_, place) => ({ seq: first + place }));

const seqs = (list) => list.map(({ seq }) => seq);

/** That nothing is missing and nothing is there twice. */
function isWhole(list) {
  if (list.length) assert.deepEqual(seqs(list), seqs(events(list[0].seq, list.at(-1).seq)));
}

test("an empty room has nothing", () => {
  const log = new LogWindow();
  assert.deepEqual([log.first, log.last, log.attached, log.find(1)], [0, 0, true, undefined]);
});

test("who reads at the end goes on with it", () => {
  const log = new LogWindow(events(1, 10));
  log.append(events(11, MAX_VIEW + 50), true);
  assert.deepEqual([log.first, log.last, log.attached], [51, MAX_VIEW + 50, true]);
  assert.equal(log.tail.length, MAX_TAIL);
  isWhole(log.view);
  isWhole(log.tail);
});

test("who reads above it stays where they are", () => {
  const log = new LogWindow(events(1, 10));
  log.append(events(11, MAX_VIEW + 50), false);
  assert.deepEqual([log.first, log.last, log.attached], [1, MAX_VIEW, false]);
  log.append(events(MAX_VIEW + 51, MAX_VIEW + 60), false);
  assert.equal(log.last, MAX_VIEW);
  log.showNewest();
  assert.deepEqual([log.last, log.attached], [MAX_VIEW + 60, true]);
  isWhole(log.view);
});

test("older pages are put before the view, if they end where it begins", () => {
  const log = new LogWindow(events(101, 110));
  log.prepend(events(50, 90));
  assert.equal(log.first, 101);
  log.prepend(events(50, 100));
  assert.equal(log.first, 50);
  isWhole(log.view);
});

test("whatever is done, nothing is missing and nothing is there twice", () => {
  // All ways through a small room: live events, a page elsewhere, and the pages after and before it.
  for (let live = 0; live <= 6; live += 1) {
    for (let first = 1; first <= live + 2; first += 1) {
      for (let last = first; last <= live + 2; last += 1) {
        const log = new LogWindow(events(1, live).slice(-3), live);
        log.show(events(first, last));
        isWhole(log.view);
        log.append(events(live + 1, live + 3), false);
        isWhole(log.view);
        log.extend(events(log.last + 1, live + 3));
        isWhole(log.view);
        assert.deepEqual([log.last, log.attached], [live + 3, true]);
        log.prepend(events(1, log.first - 1));
        assert.deepEqual(seqs(log.view), seqs(events(1, live + 3)));
      }
    }
  }
});

test("an event is found in the view and in the tail", () => {
  const log = new LogWindow(events(1, 10));
  log.show([]);
  assert.equal(log.find(7).seq, 7);
  assert.equal(log.find(11), undefined);
});

test("a page that ends where the newest events begin goes on to the newest at once", () => {
  const log = new LogWindow(events(5, 9));
  log.show(events(1, 3));
  assert.deepEqual([log.last, log.attached], [3, false]);
  log.show(events(1, 4));
  assert.deepEqual([log.last, log.attached], [9, true]);
});
