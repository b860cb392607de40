import assert from "node:assert/strict";
import { test } from "node:test";
import { read } from "../../../src/hubbub/page/text/commands.js";

test("a text is a text, also one that begins with a path", () => {
  for (const text of ["hello", "/etc/passwd", "// TODO", "//host/x", "exit"]) assert.deepEqual(read(text), { say: text });
});

test("a command may be shortened, and called as in other chats", () => {
  assert.deepEqual(read("/sea pancakes"), { word: "search", argument: "pancakes" });
  assert.deepEqual(read("/PART"), { word: "leave", argument: "" });
});

test("what begins with a slash can be said", () => {
  assert.deepEqual(read("/say /help"), { say: "/help" });
  assert.deepEqual(read("//help"), { say: "/help" });
});

test("a mistake is answered with what to write", () => {
  assert.match(read("/serach x").mistake, /Did you mean \/search\?/);
  assert.match(read("/join").mistake, /like this: \/join Kitchen/);
  assert.match(read("/constructor").mistake, /There is no command/);
});
