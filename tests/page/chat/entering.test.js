import assert from "node:assert/strict";
import { test } from "node:test";
import { Entering } from "../../../src/hubbub/page/chat/entering.js";
import { PAGE } from "../../../src/hubbub/page/chat/history.js";
import { IN, OUT, Room } from "../../../src/hubbub/page/chat/room.js";
import { Lost, Refused } from "../../../src/hubbub/page/net/failures.js";

/** Entering the room Tea. Each answer is a frame, or an error; `told` are the signals, in order. */
function parts(answers, { head = 0, features = ["stamps"] } = {}) {
  const asked = [];
  const told = [];
  const session = {
    online: true,
    features: new Set(features),
    problem: { emit: (sentence) => told.push(["problem", sentence]) },
    ask: async (command) => {
      asked.push(command);
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  const entering = new Entering(session, { list: [{ name: "Tea", head }] });
  entering.joined.on((room) => {
    room.stage = IN;
    told.push(["joined"]);
  });
  entering.failed.on(() => told.push(["failed"]));
  entering.outdated.on(() => told.push(["outdated"]));
  entering.refused.on((room, why, other) => told.push(["refused", why, other]));
  return { asked, told, session, entering, room: new Room("Tea") };
}

const refusal = (code, more) => new Refused({ code, message: `${code}!`, ...more });
const turn = () => new Promise((later) => setImmediate(later));

test("a room that is known goes on after its last event, and says when that was", async () => {
  const { asked, entering, room } = parts([{}]);
  Object.assign(room, { cursor: 7, stamp: 70 });
  await entering.enter(room);
  assert.deepEqual(asked, [{ type: "join", room: "Tea", after: 7, after_at: 70 }]);
});

test("a server that knows no stamps gets none, and an unknown room has no cursor", async () => {
  const { asked, entering, room } = parts([{}], { features: [] });
  await entering.enter(room);
  assert.deepEqual(asked, [{ type: "join", room: "Tea" }]);
  Object.assign(room, { stage: OUT, cursor: 7, stamp: 70 });
  await entering.enter(room);
  assert.deepEqual(asked[1], { type: "join", room: "Tea", after: 7 });
});

test("of very many events that were missed only the last page is fetched", async () => {
  const { asked, entering, room } = parts([{}], { head: 5000 });
  room.cursor = 7;
  await entering.enter(room);
  assert.equal(asked[0].after, 5000 - PAGE);
});

test("a room is entered once, and not without a connection", async () => {
  const { asked, entering, room, session } = parts([{}]);
  const first = entering.enter(room);
  await entering.enter(room);
  await first;
  await entering.enter(room);
  assert.equal(asked.length, 1);
  session.online = false;
  room.stage = OUT;
  await entering.enter(room);
  assert.equal(asked.length, 1);
});

test("a room whose log is another one begins anew", async () => {
  const { asked, told, entering, room } = parts([refusal("bad-cursor"), {}]);
  room.cursor = 7;
  await entering.enter(room);
  await turn();
  assert.equal(asked[1].after, undefined);
  assert.deepEqual(told, [["outdated"], ["failed"], ["joined"]]);
});

test("a room that is gone is made anew only if it was open", async () => {
  for (const [wasIn, access, again] of [
    [true, "open", true],
    [true, "members", false],
    [true, "locked", false],
    [false, "open", false], // on another page, perhaps long ago: who knows what it was
  ]) {
    const { asked, told, entering, room } = parts([refusal("no-such-room"), {}]);
    Object.assign(room, { cursor: 7, wasIn, standing: { access } });
    await entering.enter(room);
    await turn();
    assert.equal(asked.length, again ? 2 : 1, access);
    assert.equal(asked.at(-1).after, again ? undefined : 7);
    assert.deepEqual(told[0], again ? ["outdated"] : ["failed"]);
  }
});

test("a busy server is asked again when it says", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { asked, entering, room } = parts([refusal("rate-limited", { retry_after: 3 }), {}]);
  await entering.enter(room);
  context.mock.timers.tick(2999);
  assert.equal(asked.length, 1);
  context.mock.timers.tick(1);
  assert.equal(asked.length, 2);
});

test("a name that is not allowed is told with one that is", async () => {
  const { told, entering, room } = parts([refusal("invalid-name", { suggestion: "Tea-Time" })]);
  await entering.enter(room);
  assert.deepEqual(told, [["refused", "invalid-name!", "Tea-Time"], ["failed"]]);
});

test("another refusal is the room's problem, and a lost connection is none", async () => {
  const { told, entering, room } = parts([new Lost("lost"), refusal("too-many-rooms")]);
  await entering.enter(room);
  assert.equal(room.problem, "");
  await entering.enter(room);
  assert.equal(room.problem, "too-many-rooms!");
  assert.deepEqual(told, [["failed"], ["problem", "too-many-rooms!"], ["failed"]]);
});
