import assert from "node:assert/strict";
import { test } from "node:test";
import { backupsInWords, counted, mayActOn, sorted, statusInWords } from "../../../src/hubbub/page/text/server.js";
import { sizeInWords } from "../../../src/hubbub/page/text/sizes.js";

const HOUR = 3_600_000;
const status = {
  name: "Home", version: "1.2", python: "3.11.2", healthy: true, started: 0, now: 2 * HOUR, log: "abcdef0123", sessions: 3, people: 1,
  accounts: 2, rooms: 1, events: 1200, behind: 0, owners: ["olga"], administrators: [], registration: "invite", guests: false, keep_days: 90, warnings: [],
  shared: false, node: "", nodes: 1,
};

test("a size is told in the largest unit that fits", () => {
  assert.deepEqual([0, 1023, 1024, 3.4 * 1024 ** 2, 250 * 1024 ** 3, 5000 * 1024 ** 4].map(sizeInWords), [
    "0 bytes", "1,023 bytes", "1.0 KiB", "3.4 MiB", "250 GiB", "5,000 TiB",
  ]);
});

test("how a server is stands there in words, without what is not known", () => {
  const rows = Object.fromEntries(statusInWords(status));
  assert.equal(rows.Started, "2 hours ago");
  assert.equal(rows["People here"], "1 person, 3 connections");
  assert.equal(rows["Rooms"], "1 room, 1,200 events");
  assert.equal(rows["New people"], "Who has an invitation may make an account. Guests may not come in.");
  assert.match(rows["Messages stay"], /and are gone then$/);
  assert.ok(!("Database" in rows) && !("Search" in rows));
  const told = Object.fromEntries(statusInWords({ ...status, owners: [], behind: 1, files: { database: 1024, wal: 1024, search: 0, free: null } }));
  assert.equal(told.Owners, "Nobody owns this server.");
  assert.equal(told.Database, "2.0 KiB");
  assert.equal(told["Free on the disk"], "not known");
  assert.equal(told.Search, "1 event cannot be found yet");
});

test("one of several servers on a PostgreSQL says which one it is, and nothing of its own disk's database or backups", () => {
  const shared = { ...status, shared: true, node: "hubbub-1", nodes: 3, files: { database: 0, wal: 0, search: 0, free: null } };
  const rows = Object.fromEntries(statusInWords(shared));
  assert.equal(rows.Node, "hubbub-1, one of 3: you look at it just now");
  assert.equal(rows["People here"], "1 person, 3 connections at this node");
  assert.equal(rows.Database, "PostgreSQL");
  assert.ok(!("Search index" in rows));
  assert.ok(!("Node" in Object.fromEntries(statusInWords(status))));
  assert.ok(!backupsInWords({ place: null, daily: false, backups: [] }, shared).ill);
});

test("a clock that was set back makes no server run for a negative time", () => {
  assert.equal(Object.fromEntries(statusInWords({ ...status, started: 5 * HOUR })).Started, "1 second ago");
});

test("names of others are made harmless", () => {
  const rows = Object.fromEntries(statusInWords({ ...status, owners: ["ol\u202ega"], registration: "\u202eopen" }));
  assert.equal(rows.Owners, "ol\ufffdga");
  assert.ok(rows["New people"].startsWith("\ufffdopen"));
});

test("what has to be done about backups is seen", () => {
  const one = { log: "abcdef01", at: 0, bytes: 2048 };
  const told = (backups, now = HOUR, place = "there") => backupsInWords({ place, daily: true, backups }, { ...status, now });
  assert.ok(told([], 0, null).ill);
  assert.ok(told([]).ill);
  assert.ok(told([{ ...one, log: "00000000" }]).ill, "another server's is none of this one");
  assert.deepEqual(told([one]), { said: "The newest backup is 1 hour old, 2.0 KiB. One is made each day.", ill: false });
  assert.ok(told([one], 48 * HOUR).ill);
});

test("administrators act on people with a lesser role, owners on everybody", () => {
  assert.deepEqual(["member", "voice", "moderator", "owner"].map((role) => mayActOn("moderator", role)), [true, true, false, false]);
  assert.ok(mayActOn("owner", "owner"));
  assert.ok(!mayActOn("member", "member"));
});

test("what is wrong stands first", () => {
  const levels = ["ok", "note", "error", "warning"].map((level) => ({ level }));
  assert.deepEqual(sorted(levels).map(({ level }) => level), ["error", "warning", "note", "ok"]);
  assert.equal(counted(1, "person", "people"), "1 person");
});
