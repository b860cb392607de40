import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Refused } from "../../../src/hubbub/page/net/failures.js";
import { upload } from "../../../src/hubbub/page/net/uploading.js";

const FILE = new Blob(["0123456789"]);
const TOLD = { id: "f1", name: "a.txt", size: 10, type: "text/plain" };
const real = { fetch: globalThis.fetch, XMLHttpRequest: globalThis.XMLHttpRequest, setTimeout: globalThis.setTimeout };
const online = new EventTarget();

/** A server of uploads: what it has, and what goes wrong with it, once each. */
let server;

beforeEach(() => {
  server = { bytes: "", asked: [], users: [], wrong: [], begun: 0, there: true, answer: { state: "ready", file: TOLD } };
  globalThis.addEventListener = online.addEventListener.bind(online);
  globalThis.removeEventListener = online.removeEventListener.bind(online);
  // Pauses are over at once.
  globalThis.setTimeout = (act, ms) => real.setTimeout(act, ms < 30_000 ? 0 : ms);
  globalThis.fetch = async (address, { method, headers }) => {
    const [path, query] = address.split("?");
    server.asked.push(`${method} ${path}`);
    server.users.push(`${headers.Authorization} ${query ?? ""}`);
    const wrong = server.wrong[0]?.method === method && server.wrong.shift();
    if (wrong?.status) return new Response(JSON.stringify(wrong.body ?? {}), { status: wrong.status });
    if (wrong) throw new TypeError("Failed to fetch");
    if (method === "POST") {
      Object.assign(server, { bytes: "", there: true, begun: server.begun + 1, metadata: headers["Upload-Metadata"], size: headers["Upload-Length"] });
      return new Response("", { status: 201, headers: { Location: "https://elsewhere.example/chat/api/uploads/u-1?x" } });
    }
    if (!server.there) return new Response("{}", { status: 404 });
    return new Response(method === "HEAD" ? null : JSON.stringify(server.answer), { headers: { "Upload-Offset": String(server.bytes.length) } });
  };
  globalThis.XMLHttpRequest = class {
    upload = {};
    #headers = {};
    open(method, address) {
      server.asked.push(`${method} ${address}`);
    }
    setRequestHeader(name, value) {
      this.#headers[name] = value;
    }
    getResponseHeader() {
      return null;
    }
    abort() {
      this.onabort?.();
      this.onloadend?.();
    }
    async send(bytes) {
      assert.equal(this.#headers["Upload-Offset"], String(server.bytes.length));
      const text = await bytes.text();
      const wrong = server.wrong[0]?.method === "PATCH" && server.wrong.shift();
      server.bytes += wrong ? text.slice(0, wrong.taken) : text;
      this.upload.onprogress?.({ loaded: wrong ? wrong.taken : text.length });
      this.status = wrong?.status ?? 204;
      this.responseText = JSON.stringify(wrong?.body ?? {});
      if (wrong && !wrong.status) this.onerror();
      else this.onload();
      this.onloadend();
    }
  };
});

afterEach(() => Object.assign(globalThis, real));

function send(how = {}) {
  const progress = [];
  const given = { name: "Übung.txt", who: () => ({ token: "t", guest: null }), progress: (sent) => progress.push(sent), signal: new AbortController().signal, ...how };
  return { told: upload(FILE, given), progress };
}

test("a file goes to the server, and what the server sees in it comes back", async () => {
  const { told, progress } = send();
  assert.deepEqual(await told, TOLD);
  assert.equal(server.bytes, "0123456789");
  assert.equal(server.size, "10");
  assert.equal(Buffer.from(server.metadata.split(" ")[1], "base64").toString(), "Übung.txt");
  assert.deepEqual(server.asked, ["POST api/uploads", "PATCH api/uploads/u-1", "HEAD api/uploads/u-1", "GET api/uploads/u-1"]);
  assert.deepEqual(progress, [0, 10, 10]);
});

test("a guest says whose token it is", async () => {
  await send({ who: () => ({ token: "t", guest: "Jo & Co" }) }).told;
  assert.ok(server.users.every((one) => one === "Bearer t user=Jo%20%26%20Co"));
  assert.ok(server.asked.includes("PATCH api/uploads/u-1?user=Jo%20%26%20Co"));
});

test("after a lost connection it goes on where it was", async () => {
  server.wrong = [{ method: "POST" }, { method: "PATCH", taken: 4 }, { method: "HEAD" }, { method: "PATCH", taken: 3 }, { method: "GET" }];
  const { told, progress } = send();
  assert.deepEqual(await told, TOLD);
  assert.equal(server.bytes, "0123456789");
  assert.equal(server.begun, 1);
  assert.ok(progress.includes(4) && progress.includes(7));
});

test("a server that is busy, or restarts, is asked again", async () => {
  server.wrong = [{ method: "POST", status: 503 }, { method: "PATCH", taken: 5, status: 503 }, { method: "HEAD", status: 502 }, { method: "GET", status: 429 }];
  assert.deepEqual(await send().told, TOLD);
  assert.equal(server.bytes, "0123456789");
});

test("an upload that the server has forgotten begins anew, but not for ever", async () => {
  server.wrong = [{ method: "PATCH", taken: 5 }, { method: "HEAD", status: 404 }];
  assert.deepEqual(await send().told, TOLD);
  assert.equal(server.begun, 2);
  server.wrong = Array.from({ length: 9 }, () => [{ method: "PATCH", taken: 0, status: 404 }]).flat();
  await assert.rejects(send().told, (error) => error instanceof Refused && /takes? files/.test(error.message));
});

test("what the server does not take is told in its words", async () => {
  server.wrong = [{ method: "POST", status: 413, body: { error: { code: "content-too-large", message: "It is larger than 25 MiB." } } }];
  await assert.rejects(send().told, (error) => error instanceof Refused && error.message === "It is larger than 25 MiB.");
  server.answer = { state: "failed", error: { code: "too-many", message: "Your files take all that they may." } };
  await assert.rejects(send().told, /all that they may/);
});

test("it waits until the server has looked at the file", async () => {
  server.answer = { state: "examining" };
  const { told } = send();
  real.setTimeout(() => (server.answer = { state: "ready", file: TOLD }), 20);
  assert.deepEqual(await told, TOLD);
  assert.ok(server.asked.filter((one) => one.startsWith("GET")).length > 1);
});

test("an upload that is given up is taken away from the server", async () => {
  const stop = new AbortController();
  server.answer = { state: "examining" };
  const { told } = send({ signal: stop.signal });
  real.setTimeout(() => stop.abort(), 20);
  await assert.rejects(told, { name: "AbortError" });
  assert.equal(server.asked.at(-1), "DELETE api/uploads/u-1");
});

test("an answer that no server of ours gives is not taken", async () => {
  server.answer = { state: "ready", file: { ...TOLD, size: "ten" } };
  const stop = new AbortController();
  const { told } = send({ signal: stop.signal });
  real.setTimeout(() => stop.abort(), 20);
  await assert.rejects(told, { name: "AbortError" });
});
