import assert from "node:assert/strict";
import { test } from "node:test";
import { Commands } from "../../../src/hubbub/page/text/commands.js";
import { deed, DEEDS } from "../../../src/hubbub/page/text/deeds.js";
import { vectors } from "../vectors.js";

// Enough of the table: what is read of a line is tested in tests/page/test_commands.py.
const ARGUMENTS = {
  access: "HOW [PASSWORD]", speak: "WHO", slow: "TIME", guests: "HOW", archive: "[off]", "rename-room": "NAME",
  invite: "NAME", role: "NAME ROLE", kick: "NAME [WHY]", ban: "NAME [TIME] [WHY]", "ban-network": "NAME", unban: "NAME",
  mute: "NAME [TIME] [WHY]", unmute: "NAME", bans: "", audit: "[N]", server: "COMMAND", topic: "[TEXT]",
  past: "WHICH", newcomers: "HOW", topics: "WHO", outside: "HOW", most: "NUMBER", exempt: "NAME [WHAT]", unexempt: "NAME [WHAT]", keep: "TIME", uninvite: "NAME", link: "[N] [TIME]", links: "", unlink: "LINK", "reset-link": "NAME",
  about: "[TEXT]", seen: "HOW", strangers: "HOW", away: "[WHY]", busy: "[WHY]", back: "", whois: "NAME", report: "NAME [WHY]",
  edit: "TEXT", undo: "[NAME]", react: "[NAME] EMOJI", unreact: "[NAME] EMOJI", pin: "[NAME]", unpin: "[NAME]", pins: "",
  knock: "ROOM [WHY]", filter: "[WORD]", unfilter: "WORD", queue: "", approve: "N", refuse: "N",
};
const ALIASES = { "ban-network": ["ipban"], away: ["afk"], busy: ["dnd"] };
const FILLS = {
  access: { private: "private", public: "open" },
  slow: { slowoff: "off" },
  archive: { unarchive: "off" },
  role: { op: "moderator", deop: "member", voice: "voice" },
};
const ASKS = {
  role: "Whose role, and is it owner, moderator, voice or member?",
  whois: "Of whom?",
  server: "What, on the whole server: ban, unban, bans, kick, role, audit, filter, unfilter, keep, link, links, unlink or reset-link?",
};
const commands = new Commands({
  commands: Object.entries(ARGUMENTS).map(([name, argument]) => ({
    name, argument, does: "", asks: ASKS[name] ?? "", aliases: ALIASES[name] ?? [], fills: FILLS[name] ?? {}, offers: "", choices: [],
  })),
  instead: {},
});

const said = vectors("deeds").filter(({ text }) => {
  const read = commands.read(text);
  return "order" in read && (read.order in DEEDS || read.order === "server");
});

test("a typed line asks for the same as in all clients", () => {
  assert.ok(said.length > 50);
  for (const { text, sends, mistake } of said) {
    const { order, argument } = commands.read(text);
    const asked = deed(commands, order, argument, "Lab");
    if (sends) assert.deepEqual(asked, sends, text);
    // What is wrong with a name is told by the server.
    else if (!mistake.includes("name cannot")) assert.deepEqual(asked, { error: mistake }, text);
  }
});

test("every deed is in the vectors", () => {
  const tried = new Set(said.map(({ text }) => commands.read(text).order));
  assert.deepEqual([...tried].sort(), [...Object.keys(DEEDS), "server"].sort());
});
