import assert from "node:assert/strict";
import { test } from "node:test";
import { Account } from "../../../src/hubbub/page/chat/account.js";

/** A session that answers with what `answers` has for a command's type, and notes what it is told. */
function sessionWith(answers) {
  const done = [];
  return {
    done,
    ask: async (command) => {
      done.push(command);
      const answer = answers[command.type];
      if (answer instanceof Error) throw answer;
      return answer ?? { type: "done" };
    },
    registered: ({ token }) => done.push(`registered ${token}`),
    called: (name) => done.push(`called ${name}`),
  };
}

test("an account is made by a password, and the answer has its proof", async () => {
  const session = sessionWith({ register: { type: "welcome", token: "t2" } });
  assert.equal(await new Account(session).register("correct horse"), null);
  assert.deepEqual(session.done, [{ type: "register", password: "correct horse" }, "registered t2"]);
});

test("what is refused is told, and changes nothing", async () => {
  const error = new Error("weak");
  const session = sessionWith({ register: error, rename: error });
  const account = new Account(session);
  assert.equal(await account.register("x"), error);
  assert.equal(await account.rename("ben"), error);
  assert.equal(session.done.length, 2);
});

test("a device is logged out by its id, and all others by none", async () => {
  const session = sessionWith({ devices: { devices: [{ id: "d1", current: true }] } });
  const account = new Account(session);
  const [{ id }] = await account.devices();
  await account.revoke(id);
  await account.revoke(null);
  assert.deepEqual(session.done.slice(1), [{ type: "revoke", device: "d1" }, { type: "revoke" }]);
});

test("an invitation goes with the wish for an account", async () => {
  const session = sessionWith({ register: { type: "welcome", token: "t2" } });
  await new Account(session).register("correct horse", "a code");
  assert.deepEqual(session.done[0], { type: "register", password: "correct horse", invite: "a code" });
});

test("a second factor is offered, confirmed and ended, and refusals are told", async () => {
  const wrong = new Error("wrong");
  const session = sessionWith({ factor: { secret: "ABC", uri: "otpauth://totp/x" }, "confirm-factor": { codes: ["k3vt"] } });
  const account = new Account(session);
  assert.equal((await account.beginFactor("pass")).secret, "ABC");
  assert.deepEqual((await account.confirmFactor("123456")).codes, ["k3vt"]);
  assert.equal(await account.endFactor("pass"), null);
  await assert.rejects(new Account(sessionWith({ factor: wrong })).beginFactor("x"), wrong);
  assert.equal(await new Account(sessionWith({ "end-factor": wrong })).endFactor("x"), wrong);
});

test("who closes the account says whether what was written goes, too", async () => {
  const session = sessionWith({});
  const account = new Account(session);
  await account.close("pass", false);
  await account.close("pass", true);
  assert.deepEqual(session.done, [{ type: "close-account", password: "pass" }, { type: "close-account", password: "pass", empty: true }]);
});
