import assert from "node:assert/strict";
import { test } from "node:test";
import { ticketHash, ticketIn } from "../../../src/hubbub/page/text/tickets.js";

for (const ticket of [
  { room: "Tea & cake/β#1", invite: "aB-_9" },
  { invite: "aB-_9" },
  { user: "ada lovelace+é", reset: "aB-_9" },
]) {
  test(`a link to ${Object.keys(ticket).join(" and ")} is read as it was made`, () => {
    assert.deepEqual(ticketIn(ticketHash(ticket)), ticket);
  });
}

for (const hash of ["", "#", "#/", "#/Tea", "#/Tea/12", "#?", "#?room=Tea", "#?user=ada", "#?reset=x", "?invite=x", `#?invite=${"x".repeat(3000)}`]) {
  test(`${hash.slice(0, 20) || "nothing"} is no link with a code`, () => assert.equal(ticketIn(hash), null));
}

test("a name of an object's own does no harm", () => assert.equal(ticketIn("#?__proto__=x&constructor=y"), null));
