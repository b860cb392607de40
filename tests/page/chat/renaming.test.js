import assert from "node:assert/strict";
import { test } from "node:test";
import { Renaming } from "../../../src/hubbub/page/chat/renaming.js";

/** A renaming whose parts only note what is asked of them. `ask` answers commands. */
function parts({ features = ["renames"], ask = async () => ({ user_id: "u1" }) } = {}) {
  const done = [];
  const session = {
    features: new Set(features),
    rename: (name) => done.push(`rename ${name}`),
    ask: (command) => {
      done.push(command.type);
      return ask(command);
    },
    known: (id) => done.push(`known ${id}`),
    free: (key) => done.push(`free ${key}`),
  };
  const identity = { proof: () => "token", former: [["ada", "token"]] };
  const rooms = { enterAll: async () => done.push("enter") };
  const reading = { tellAll: () => done.push("marks") };
  return { done, renaming: new Renaming(session, identity, rooms, reading) };
}

test("the rooms are entered under the new name before the former one is free", async () => {
  const { done, renaming } = parts();
  await renaming.enterRooms("ada");
  assert.deepEqual(done, ["formerly", "known u1", "marks", "enter", "ping", "free ada"]);
});

test("a server that knows no renaming is not told of the former name", async () => {
  const { done, renaming } = parts({ features: [] });
  await renaming.enterRooms("ada");
  assert.deepEqual(done, ["marks", "enter", "ping", "free ada"]);
});

test("the former name is kept when the connection is lost", async () => {
  const { done, renaming } = parts({ ask: () => Promise.reject(new Error("lost")) });
  await renaming.enterRooms("ada");
  assert.deepEqual(done, ["formerly"]);
});

test("a name that is refused says so, and which one holds", async () => {
  const { renaming } = parts();
  const answer = renaming.begin("ada", "ben");
  assert.ok(renaming.active);
  const error = new Error("taken");
  assert.equal(renaming.end(error), "ada");
  assert.equal(await answer, error);
  assert.equal(renaming.end(null), null, "there is none any more");
});

test("a second wish replaces the first", async () => {
  const { done, renaming } = parts();
  const first = renaming.begin("ada", "ben");
  const second = renaming.begin("ada", "eve");
  assert.equal(await first, null);
  renaming.end(null);
  assert.equal(await second, null);
  assert.deepEqual(done, ["rename ben", "rename eve"]);
});
