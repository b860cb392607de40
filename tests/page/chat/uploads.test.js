import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_FILES, Uploads } from "../../../src/hubbub/page/chat/uploads.js";
import { Refused } from "../../../src/hubbub/page/net/failures.js";

const TEA = { key: "tea" };
const CAKE = { key: "cake" };
const file = (name) => Object.assign(new Blob([name]), { name });
const toldOf = (name) => ({ id: `id of ${name}`, name, size: 1, type: "text/plain" });
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Uploads that are done when the test says so: `under` are those under way, by name. */
function uploads() {
  const said = [];
  const under = new Map();
  const send = (_, { name, signal, progress }) =>
    new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
      under.set(name, { done: () => (under.delete(name), resolve(toldOf(name))), failed: (error) => (under.delete(name), reject(error)), progress, signal });
    });
  const all = new Uploads({ who: () => ({ token: "t", guest: null }), say: (...what) => said.push(what), send });
  return { all, said, under };
}

test("files go to the server a few at a time, in order", async () => {
  const { all, under } = uploads();
  all.add(TEA, [file("a"), file("b"), file("c")]);
  assert.deepEqual([...under.keys()], ["a", "b"]);
  under.get("a").done();
  await turn();
  assert.deepEqual([...under.keys()], ["b", "c"]);
  assert.deepEqual(all.of(TEA).map(({ state }) => state), ["done", "sends", "sends"]);
  assert.deepEqual(all.of(CAKE), []);
});

test("a message whose files are there is said at once, with what they show", async () => {
  const { all, said, under } = uploads();
  all.add(TEA, [file("a")]);
  under.get("a").done();
  await turn();
  all.of(TEA)[0].alt = " A cup. ";
  all.post(TEA, "Look!", null);
  assert.deepEqual(said, [[TEA, "Look!", null, [{ ...toldOf("a"), alt: "A cup." }]]]);
  assert.deepEqual(all.of(TEA), []);
});

test("a message that is sent earlier waits for its files, and the next ones do not", async () => {
  const { all, said, under } = uploads();
  all.add(TEA, [file("a")]);
  all.post(TEA, "First", null);
  assert.deepEqual(all.of(TEA), []);
  assert.equal(all.parcels(TEA).size, 1);
  all.add(TEA, [file("b")]);
  under.get("b").done();
  await turn();
  all.post(TEA, "Second", null);
  under.get("a").done();
  await turn();
  assert.deepEqual(said.map(([, text, , files]) => [text, files[0].name]), [["Second", "b"], ["First", "a"]]);
  assert.equal(all.parcels(TEA).size, 0);
});

test("one that fails says why, and goes again; its message waits", async () => {
  const { all, said, under } = uploads();
  all.add(TEA, [file("a")]);
  all.post(TEA, "", null);
  under.get("a").failed(new Refused({ code: "x", message: "It is too large." }));
  await turn();
  const [[failed]] = all.parcels(TEA).values();
  assert.deepEqual([failed.state, failed.why], ["failed", "It is too large."]);
  assert.deepEqual(said, []);
  all.retry(failed);
  under.get("a").done();
  await turn();
  assert.equal(said.length, 1);
});

test("without the file that is taken out a message that waits is said, unless nothing is left", async () => {
  const { all, said } = uploads();
  all.add(TEA, [file("a")]);
  all.post(TEA, "Words", null);
  all.remove([...all.parcels(TEA).values()][0][0]);
  assert.deepEqual(said, [[TEA, "Words", null, []]]);
  all.add(TEA, [file("b")]);
  all.post(TEA, "", null);
  all.remove([...all.parcels(TEA).values()][0][0]);
  assert.equal(said.length, 1);
});

test("a message that waits can be written on", () => {
  const { all } = uploads();
  all.add(TEA, [file("a")]);
  all.post(TEA, "Words", null);
  const [parcel] = all.parcels(TEA).keys();
  all.open(parcel);
  assert.equal(all.parcels(TEA).size, 0);
  assert.equal(all.of(TEA).length, 1);
});

test("a message brings so many files, and no more", () => {
  const { all } = uploads();
  const many = Array.from({ length: MAX_FILES + 1 }, (_, place) => file(`f${place}`));
  assert.equal(all.add(TEA, many), false);
  assert.equal(all.of(TEA).length, MAX_FILES);
  assert.equal(all.add(CAKE, [file("a")]), true);
});

test("what is taken away ends, and gives its place to the next", () => {
  const { all, under } = uploads();
  all.add(TEA, [file("a"), file("b"), file("c")]);
  const { signal } = under.get("a");
  all.remove(all.of(TEA)[0]);
  assert.ok(signal.aborted);
  assert.ok(under.has("c"));
});

test("whoever goes leaves nothing behind", () => {
  const { all, under } = uploads();
  all.add(TEA, [file("a")]);
  all.add(CAKE, [file("b")]);
  all.forget((room) => room === TEA);
  assert.ok(under.get("a").signal.aborted);
  assert.ok(!under.get("b").signal.aborted);
  all.forget();
  assert.ok(under.get("b").signal.aborted);
  assert.equal(all.busy, false);
});

test("files of a message that was not said come back with their words", () => {
  const { all, said } = uploads();
  all.bring(TEA, [{ ...toldOf("a"), alt: "A cup." }]);
  all.post(TEA, "Again", null);
  assert.deepEqual(said[0][3], [{ ...toldOf("a"), alt: "A cup." }]);
});
