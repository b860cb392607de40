import assert from "node:assert/strict";
import { test } from "node:test";
import { Changes } from "../../../src/hubbub/page/chat/changes.js";
import { requoted } from "../../../src/hubbub/page/chat/forms.js";
import { vectors } from "../vectors.js";

/** What is told of a message: what is empty is left out. */
const told = (event) =>
  Object.fromEntries(Object.entries(event).filter(([, value]) => value !== null && !(Array.isArray(value) && !value.length)));

/** An event as later ones of its room leave it. */
const after = (event, later) => later.reduce((form, one) => new Changes([one]).applied(form), event);

test("what comes later gives an event its form", () => {
  for (const { about, event, later, after: form } of vectors("amendments")) {
    assert.deepEqual(told(after(event, later)), told(form), about);
    assert.deepEqual(told(after(after(event, later), later)), told(form), `${about}, twice`);
    const amending = later.filter(({ target }) => target === event.seq);
    if (amending.length < later.length || amending.some(({ seq }, at) => seq < amending[at - 1]?.seq)) continue;
    assert.deepEqual(told(new Changes(later).applied(event)), told(form), `${about}, at once`);
  }
});

test("what has a message does not see it change", () => {
  for (const { event, later } of vectors("amendments")) {
    const before = structuredClone(event);
    after(event, later);
    assert.deepEqual(event, before);
  }
});

const said = (seq, more) => ({ kind: "said", seq, at: seq, by: "ada", by_id: "a1", text: `text ${seq}`, ...more });
const edited = (seq, target, text) => ({ kind: "edited", seq, at: seq, by: "ada", by_id: "a1", target, text });
const redacted = (seq, target) => ({ kind: "redacted", seq, at: seq, by: "ada", by_id: "a1", target });

test("a quote says what the message that it quotes says", () => {
  const answer = said(3, { reply_to: 2, quote: { by: "ben", by_id: "b2", text: "text 2" } });
  const pin = { kind: "pinned", seq: 4, at: 4, by: "ada", target: 2, quote: { by: "ben", by_id: "b2", text: "text 2" } };
  const changes = new Changes([edited(5, 2, "better"), edited(6, 9, "other")]);
  for (const event of [answer, pin]) assert.deepEqual(changes.applied(event).quote, { by: "ben", by_id: "b2", text: "better" });
  assert.equal(new Changes([redacted(7, 2)]).applied(answer).quote.text, "");
  const liked = { kind: "reacted", seq: 8, at: 8, by: "ada", target: 2, emoji: "👍" };
  assert.equal(new Changes([liked]).applied(answer), answer, "a reaction is not in it");
  assert.equal(requoted(null, edited(5, 2, "better")), null);
});

test("events that change nothing leave all as it is", () => {
  const changes = new Changes([said(3), { kind: "joined", seq: 4, at: 4, by: "eve" }]);
  assert.equal(changes.none, true);
  const event = said(2);
  assert.equal(changes.applied(event), event);
});

test("who is forgotten has reacted under no name", () => {
  const liked = said(2, { reactions: [{ emoji: "👍", users: ["eve", "ben"], ids: ["e3", "b2"] }] });
  const forgotten = { kind: "forgotten", seq: 9, at: 9, by: "former member", by_id: "e3" };
  assert.deepEqual(new Changes([forgotten]).applied(liked).reactions, [{ emoji: "👍", users: ["former member", "ben"], ids: ["e3", "b2"] }]);
  const gone = said(2, { text: "", redacted: { at: 5, by: "eve", by_id: "e3" } });
  assert.equal(new Changes([forgotten]).applied(gone).redacted.by, "former member");
});
