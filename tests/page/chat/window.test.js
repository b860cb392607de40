import assert from "node:assert/strict";
import { test } from "node:test";
import { Stretch } from "../../../src/hubbub/page/chat/stretch.js";
import { LogWindow, MAX_TAIL, MAX_VIEW } from "../../../src/hubbub/page/chat/window.js";

/** The events of a room from `first` to `last`. */
const events = (first, last) =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, place) => ({ kind: "said", seq: first + place }));

const page = (first, last) => new Stretch(first, last, events(first, last));

const seqs = (list) => list.map(({ seq }) => seq);

/** That nothing is missing and nothing is there twice. */
function isWhole(list) {
  if (list.length) assert.deepEqual(seqs(list), seqs(events(list[0].seq, list.at(-1).seq)));
}

test("an empty room has nothing", () => {
  const log = new LogWindow();
  assert.deepEqual([log.first, log.last, log.attached, log.find(1)], [1, 0, true, undefined]);
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
  log.prepend(page(50, 90));
  assert.equal(log.first, 101);
  log.prepend(page(50, 100));
  assert.equal(log.first, 50);
  isWhole(log.view);
});

test("whatever is done, nothing is missing and nothing is there twice", () => {
  // All ways through a small room: live events, a page elsewhere, and the pages after and before it.
  for (let live = 0; live <= 6; live += 1) {
    for (let first = 1; first <= live + 2; first += 1) {
      for (let last = first; last <= live + 2; last += 1) {
        const log = new LogWindow(events(1, live).slice(-3), live);
        log.show(page(first, last));
        isWhole(log.view);
        log.append(events(live + 1, live + 3), false);
        isWhole(log.view);
        log.extend(page(log.last + 1, live + 3));
        isWhole(log.view);
        assert.deepEqual([log.last, log.attached], [live + 3, true]);
        log.prepend(page(1, log.first - 1));
        assert.deepEqual(seqs(log.view), seqs(events(1, live + 3)));
      }
    }
  }
});

test("an event is found in the view and in the tail", () => {
  const log = new LogWindow(events(1, 10));
  log.show(new Stretch(30, 29));
  assert.equal(log.find(7).seq, 7);
  assert.equal(log.find(11), undefined);
});

test("a page that ends where the newest events begin goes on to the newest at once", () => {
  const log = new LogWindow(events(5, 9));
  log.show(page(1, 3));
  assert.deepEqual([log.last, log.attached], [3, false]);
  log.show(page(1, 4));
  assert.deepEqual([log.last, log.attached], [9, true]);
});

test("a page that comes before what is live leaves no hole and repeats nothing", () => {
  for (const [end, given, attached] of [
    ...[[3, 4, false], [4, 4, true], [5, 4, false]], // nothing of what is live has come yet
    ...[[3, 6, false], [4, 6, true], [5, 6, true], [7, 6, false]],
  ]) {
    const log = new LogWindow([], 4);
    if (given > 4) log.append(events(5, given), true);
    log.show(page(1, end));
    assert.equal(log.attached, attached);
    log.append(events(given + 1, 9), true);
    log.extend(page(log.last + 1, 9));
    assert.deepEqual([log.attached, seqs(log.view)], [true, seqs(events(1, 9))]);
  }
});

test("events that are no lines leave no hole, and are not shown", () => {
  const other = (seq) => ({ kind: "edited", seq });
  const log = new LogWindow([], 20);
  log.append([other(21), ...events(22, 23), other(24)], true);
  assert.deepEqual([log.first, log.last, seqs(log.view)], [21, 24, [22, 23]]);
  log.append([other(25)], true);
  log.prepend(new Stretch(11, 20));
  log.prepend(new Stretch(4, 10, [...events(5, 5), other(7)]));
  assert.deepEqual([log.first, log.last, seqs(log.view)], [4, 25, [5, 22, 23]]);
  assert.deepEqual([log.find(22).seq, log.find(21), log.find(24)], [22, undefined, undefined]);
  assert.deepEqual([5, 6, 21, 23, 24].map((seq) => log.nearest(seq).seq), [5, 22, 22, 23, 23]);
  assert.equal(log.covers(25) && !log.covers(26), true);
  const behind = log.behind(6);
  assert.deepEqual([behind.first, behind.last, seqs(behind.events)], [7, 25, [22, 23]]);
  assert.equal(log.behind(25), null);
});

test("where nothing older is to be had is the beginning", () => {
  const log = new LogWindow(events(11, 12));
  assert.equal(log.atBeginning, false);
  log.prepend(new Stretch(11, 10));
  assert.equal(log.atBeginning, true);
  log.show(page(11, 11));
  assert.equal(log.atBeginning, false);
});

test("an older server’s page covers what is from its first event to its last", () => {
  const covered = ({ first, last, events: kept }) => [first, last, seqs(kept)];
  assert.deepEqual(covered(Stretch.of({ events: events(3, 5) })), [3, 5, [3, 4, 5]]);
  assert.equal(Stretch.of({ events: [] }).empty, true);
  assert.deepEqual(covered(Stretch.of({ events: events(3, 5), first: 2, last: 9 })), [2, 9, [3, 4, 5]]);
  const wild = [...events(5, 7), ...events(4, 6), ...events(20, 20)];
  assert.deepEqual(covered(Stretch.of({ events: wild, first: 5, last: 9 })), [5, 9, [5, 6, 7]]);
});

/** Numbers that look random, the same in each run. */
function* random(seed) {
  for (let state = seed; ; ) {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    yield state / 2 ** 31;
  }
}

test("whatever comes in whatever order, what is shown are the lines of what is covered", () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const numbers = random(seed);
    const below = (most) => Math.floor(numbers.next().value * most);
    const isLine = below(2) ? (seq) => seq % 3 > 0 && seq % 100 > 30 : (seq) => seq % 7 > 0;
    const all = [];
    const happen = (count) => {
      const fresh = Array.from({ length: count }, (_, place) => all.length + place + 1);
      all.push(...fresh.map((seq) => ({ kind: isLine(seq) ? "said" : "edited", seq })));
      return all.slice(-count);
    };
    const between = (first, last) => all.slice(Math.max(0, first - 1), last).filter(({ seq }) => isLine(seq));
    const pageOf = (first, last) => new Stretch(Math.max(1, first), last, between(Math.max(1, first), last));
    const start = below(900);
    happen(start);
    const log = new LogWindow([], Math.max(0, start - 50));
    if (start) log.append(all.slice(-50), true);
    const check = () => {
      assert.deepEqual(seqs(log.view), seqs(between(log.first, log.last)));
      assert.deepEqual(seqs(log.tail), seqs(between(log.tailFirst, all.length)));
      assert.ok(log.view.length <= MAX_VIEW && log.tail.length <= MAX_TAIL);
      if (log.attached) assert.equal(log.last, all.length);
      const [one, other] = [below(all.length + 1), below(all.length + 1)].sort((a, b) => a - b);
      const known = between(one, other).filter(({ seq }) => log.covers(seq) || seq >= log.tailFirst);
      assert.deepEqual(seqs(log.between(one, other)), seqs(known));
      const behind = log.behind(one);
      assert.equal(Boolean(behind), log.covers(one + 1) || (one + 1 >= log.tailFirst && one < all.length));
      if (behind) assert.deepEqual(seqs(behind.events), seqs(between(one + 1, behind.last)));
    };
    const paging = {
      toTheBeginning() {
        const asked = new Set();
        while (!log.atBeginning) {
          assert.ok(!asked.has(log.first), "the same page twice");
          asked.add(log.first);
          log.prepend(pageOf(log.first - 1 - below(90), log.first - 1));
          check();
        }
      },
      toTheEnd() {
        const asked = new Set();
        while (!log.attached) {
          assert.ok(!asked.has(log.last), "the same page twice");
          asked.add(log.last);
          log.extend(pageOf(log.last + 1, Math.min(all.length, log.last + 1 + below(90))));
          check();
        }
      },
    };
    const steps = [
      () => log.append(happen(1 + below(70)), below(2) > 0),
      () => log.prepend(pageOf(log.first - 1 - below(90), log.first - 1)),
      () => log.extend(pageOf(log.last + 1, Math.min(all.length, log.last + 1 + below(90)))),
      () => all.length && log.show(pageOf(1 + below(all.length), all.length)),
      () => {
        const seq = 1 + below(all.length);
        if (all.length) log.show(pageOf(seq - 20, Math.min(all.length, seq + 20)));
      },
      () => log.prepend(pageOf(5, 9)),
      () => log.showNewest(),
      paging.toTheBeginning,
      paging.toTheEnd,
    ];
    for (let step = 0; step < 40; step += 1) {
      steps[below(steps.length)]();
      check();
    }
  }
});
