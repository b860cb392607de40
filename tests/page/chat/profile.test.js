import assert from "node:assert/strict";
import { test } from "node:test";
import { Profile } from "../../../src/hubbub/page/chat/profile.js";
import { Lost, Refused } from "../../../src/hubbub/page/net/failures.js";
import { Signal } from "../../../src/hubbub/page/signal.js";

const EVE = "id-of-eve";

/** A profile of an account, and what happens beside it; `answers` by the types of commands. */
function begun(answers = {}) {
  const asked = [];
  const local = new Set();
  const session = {
    heard: new Signal(),
    welcomed: new Signal(),
    settled: new Signal(),
    profile: { about: "Keeps bees", blocked: {} },
    ask: async (command) => {
      asked.push(command);
      if (answers[command.type] instanceof Error) throw answers[command.type];
      return answers[command.type] ?? { type: "done" };
    },
  };
  const ignored = {
    blocked: null,
    follow: (blocked) => (ignored.blocked = blocked),
    set: (name, hidden) => {
      const changed = local.has(name) !== hidden;
      if (hidden) local.add(name);
      else local.delete(name);
      return changed;
    },
  };
  return { profile: new Profile(session, ignored), session, ignored, local, asked };
}

test("the welcome tells the profile, and the server what has changed on another device", () => {
  const { profile, session, ignored } = begun();
  assert.equal(profile.there, false);
  session.welcomed.emit({}, true);
  assert.equal(profile.about, "Keeps bees");
  assert.equal(profile.status, "here");
  session.heard.emit({ type: "profile", profile: { status: "busy", note: "bees", hides_seen: true, blocked: { [EVE]: "eve" } } });
  assert.deepEqual([profile.status, profile.note, profile.hidesSeen, profile.about], ["busy", "bees", true, ""]);
  assert.deepEqual(ignored.blocked, { [EVE]: "eve" });
});

test("a guest who gets an account has a profile from then on, and none after signing out", () => {
  const { profile, session, ignored } = begun();
  session.settled.emit();
  assert.ok(profile.there);
  profile.forget();
  assert.equal(profile.there, false);
  assert.deepEqual(ignored.blocked, {});
});

test("an account blocks on the server, and its list takes the place of the browser's", async () => {
  const { profile, session, local, asked } = begun();
  session.welcomed.emit({}, true);
  local.add("eve");
  assert.deepEqual(await profile.ignore("eve", true), { changed: true, everywhere: true, why: "" });
  assert.deepEqual(asked, [{ type: "block", user: "eve" }]);
  assert.deepEqual([...local], []);
  await profile.ignore("eve", false);
  assert.deepEqual(asked[1], { type: "block", user: "eve", on: false });
});

test("a guest ignores in the browser alone", async () => {
  const { profile, local, asked } = begun();
  assert.deepEqual(await profile.ignore("eve", true), { changed: true, everywhere: false, why: "" });
  assert.deepEqual([...local], ["eve"]);
  assert.deepEqual(asked, []);
});

for (const [why, error, told] of [
  ["who is nobody to the server", new Refused({ code: "no-such-user", message: "There is nobody" }), ""],
  ["whom the list has no place for", new Refused({ code: "too-many", message: "You have blocked 200." }), "You have blocked 200."],
  ["without a connection", new Lost("There is no connection."), "There is no connection."],
]) {
  test(`${why} is ignored in the browser`, async () => {
    const { profile, session, local } = begun({ block: error });
    session.welcomed.emit({}, true);
    assert.deepEqual(await profile.ignore("eve", true), { changed: true, everywhere: false, why: told });
    assert.deepEqual([...local], ["eve"]);
  });
}

test("a refusal of a change is told", async () => {
  const error = new Refused({ code: "text-too-long", message: "Please say it shorter." });
  assert.equal(await begun({ profile: error }).profile.set({ about: "x" }), error);
  assert.equal(await begun().profile.set({ about: "x" }), null);
});
