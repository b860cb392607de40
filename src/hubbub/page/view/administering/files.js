/** Rooms as files: that is done on the server's computer, and here stands how. */
import { el } from "../dom.js";

/** @type {[string, string][]} */
const COMMANDS = [
  ["hubbub admin export General --to general.jsonl", "one room, as JSON Lines"],
  ["hubbub admin export --all --to rooms.jsonl", "all rooms that everybody may read; with --private, the others, too"],
  ["hubbub admin export --all --html --to pages", "all rooms, as pages that a browser shows without a server"],
  ["hubbub admin import FILE --dry-run", "what another program has exported: only tells what would be done"],
];

/** @returns {import("./page.js").SectionMade} */
export function files() {
  const rows = COMMANDS.map(([command, does]) => el("div", {}, el("dt", {}, el("code", {}, command)), el("dd", {}, does)));
  const why = "Files are written and read on the server’s computer alone, so whoever keeps it does that, by these commands. They work while the server runs.";
  return { node: el("div", {}, el("p", {}, why), el("dl", { class: "server-facts commands" }, ...rows)), load: () => {} };
}
