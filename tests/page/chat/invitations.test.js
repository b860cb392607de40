import assert from "node:assert/strict";
import { test } from "node:test";
import { Invitations } from "../../../src/hubbub/page/chat/invitations.js";
import { Signal } from "../../../src/hubbub/page/signal.js";

function setting() {
  const session = { heard: new Signal(), welcomed: new Signal() };
  const rooms = { listed: new Signal(), entered: new Signal(), directory: { list: [] }, get: () => undefined };
  const invitations = new Invitations(session, rooms);
  const invite = (room, by) => session.heard.emit({ type: "invitation", room, by });
  return { invitations, rooms, session, invite };
}

test("an invitation is open until the user has come in", () => {
  const { invitations, rooms, invite } = setting();
  invite("Lab", "ada");
  assert.deepEqual(invitations.open, [{ room: "Lab", by: "ada" }]);
  rooms.entered.emit({ key: "lab" });
  assert.deepEqual(invitations.open, []);
});

test("one that is declined comes back when somebody invites anew, and not by the list", () => {
  const { invitations, rooms, invite } = setting();
  invite("Lab", "ada");
  invitations.decline("LAB");
  rooms.directory.list = [{ name: "Lab", invited: true }];
  rooms.listed.emit();
  assert.deepEqual(invitations.open, []);
  invite("Lab", "ben");
  assert.deepEqual(invitations.open, [{ room: "Lab", by: "ben" }]);
});

test("the list tells of others, and of those that were taken back", () => {
  const { invitations, rooms, invite } = setting();
  invite("Lab", "ada");
  rooms.directory.list = [{ name: "Lab" }, { name: "Tea", invited: true }];
  rooms.listed.emit();
  assert.deepEqual(invitations.open, [{ room: "Tea", by: "" }]);
});

test("however many a server tells of, few are shown", () => {
  const { invitations, invite } = setting();
  for (let number = 0; number < 1000; number += 1) invite(`room${number}`, "ada");
  assert.equal(invitations.open.length, 5);
});

test("they are the user's: another one sees none of them", () => {
  const { invitations, session, invite } = setting();
  invite("Lab", "ada");
  session.welcomed.emit({}, true);
  assert.equal(invitations.open.length, 1);
  session.welcomed.emit({}, false);
  assert.equal(invitations.open.length, 0);
});
