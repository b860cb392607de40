/** The suggestions at the cursor: commands, rooms, emoji and names. */
import { keyOf } from "./names.js";

const MAX_CHOICES = 8;
const EMOJI_CHARS = 2; // behind the colon, before emoji are suggested
const PATIENCE_MS = 5000; // to fetch the names of emoji: Enter may wait for them

/** @type {Map<string, string> | null} */
let emoji = null;
/** @type {Promise<Map<string, string> | null> | null} */
let fetching = null;

/**
 * A suggestion; `whole`: nothing that is suggested has to follow it.
 * @typedef {{text: string, label: string, hint?: string, whole?: boolean}} Choice
 * @typedef {import("./commands.js").Command} Command
 * @typedef {{commands: import("./commands.js").Commands, names: string[], rooms: string[]}} Known
 * @typedef {{start: number, choices: Choice[], asked: boolean}} Offer
 */

/** The emoji by name, or null. They are fetched when the first colon is typed, and again after a failure. */
function loadEmoji() {
  fetching ??= fetchEmoji().catch(() => (fetching = null));
  return fetching;
}

async function fetchEmoji() {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = await fetch(new URL("emoji.txt", import.meta.url), { signal });
  if (!answer.ok) throw new Error(answer.statusText);
  const words = await answer.text();
  emoji = new Map(words.trim().split("\n").map((line) => /** @type {[string, string]} */ (line.split(" "))));
  return emoji;
}

/**
 * Suggestions for the text from `start` to the cursor, if there are any. `asked`: the user began it with a
 * sign (such as @), so that Enter takes the first one; else Enter takes only one that was chosen.
 * @param {string} before what is before the cursor
 * @param {Known} known
 * @returns {Promise<Offer | null>}
 */
export async function offer(before, known) {
  let found = /^\/(\w*)$/.exec(before);
  if (found) return made(0, commands(known.commands.all, found[1].toLowerCase()), true);
  found = /^\/(\w+)\s+(\S*)$/.exec(before);
  const command = found && known.commands.meant(found[1]);
  const behind = command ? choicesOf(command, known) : [];
  if (found && behind.length) {
    const [, , typed] = found;
    // A room may be new, a person may have left, and a single choice may be left out; but there are no other colours.
    const asked = (command?.choices.length ?? 0) > 1;
    return unlessWhole(typed, made(before.length - typed.length, plain(typed, behind, " "), asked));
  }
  found = FACE.exec(before);
  if (found && !inCode(before)) {
    if (!emoji && found[1].length < EMOJI_CHARS) loadEmoji();
    const all = found[1].length < EMOJI_CHARS ? null : await loadEmoji();
    return all && made(before.length - found[1].length - 1, faces(all, found[1].toLowerCase()));
  }
  found = /(?:^|\s)(@?)([^\s@]*)$/.exec(before);
  if (!found) return null;
  const [whole, at, word] = found;
  const start = before.length - word.length;
  if (at) return unlessWhole(word, made(start, plain(word, known.names, " "), true));
  if (word.length < 2) return null;
  const first = whole.length === before.length;
  return unlessWhole(word, made(start, plain(word, known.names, first ? ": " : " ")));
}

/**
 * No suggestions for a name that is typed in full: then Enter must send.
 * @param {string} word
 * @param {Offer | null} offered
 */
function unlessWhole(word, offered) {
  return offered?.choices.some(({ label }) => keyOf(label) === keyOf(word)) ? null : offered;
}

// The name of an emoji is a word of its own: it follows white space, a bracket, a marker of emphasis or a
// character beyond ASCII, so not in `a[:x]`, `std::x` or `{"a":x}`. hubbub/terminal/full/model/emoji.py has the same rule.
const FACE_BEGINS = "(?:(?:^|\\s)[(*~]*|[^\\x00-\\x7f])";
const FACE = new RegExp(`${FACE_BEGINS}:([a-z0-9_+-]*)$`, "i");
const WHOLE_FACE = new RegExp(`${FACE_BEGINS}(:([a-z0-9_+-]+):)$`);

/**
 * Whether the text before the cursor ends with `:name:`, as a word of its own and not in code.
 * @param {string} before
 */
export const endsFace = (before) => WHOLE_FACE.test(before) && !inCode(before);

/**
 * The emoji with whose name the text before the cursor ends, or null. Fetches the emoji if need be.
 * @param {string} before
 */
export async function faceOf(before) {
  const [, typed, name] = WHOLE_FACE.exec(before) ?? [];
  const text = typed && (emoji ?? (await loadEmoji()))?.get(name);
  return text ? { length: typed.length, text } : null;
}

/**
 * Whether the cursor is in code: in a block that has no end yet, or behind an unpaired backtick of its line.
 * @param {string} before
 */
function inCode(before) {
  const lines = before.split("\n");
  const line = lines.pop() ?? "";
  const fences = lines.filter((one) => one.startsWith("```")).length;
  return fences % 2 === 1 || line.split("`").length % 2 === 0;
}

/** @type {(start: number, choices: Choice[], asked?: boolean) => Offer | null} */
function made(start, choices, asked = false) {
  return choices.length ? { start, choices: choices.slice(0, MAX_CHOICES), asked } : null;
}

/**
 * What may come behind a command.
 * @param {Command} command
 * @param {Known} known
 * @returns {string[]}
 */
function choicesOf({ offers, choices }, known) {
  return { rooms: known.rooms, people: known.names }[offers] ?? choices;
}

/**
 * @param {Command[]} all
 * @param {string} prefix
 */
function commands(all, prefix) {
  return all
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ name, argument, does, offers }) => ({
      text: `/${name}${argument ? " " : ""}`,
      label: `/${name} ${argument}`.trimEnd(),
      hint: does,
      whole: !argument || argument.startsWith("[") || offers === "nothing",
    }));
}

/**
 * @param {Map<string, string>} emoji
 * @param {string} prefix
 */
function faces(emoji, prefix) {
  const names = [...emoji.keys()];
  const starting = names.filter((name) => name.startsWith(prefix));
  const inside = names.filter((name) => !name.startsWith(prefix) && name.includes(prefix));
  return [...starting, ...inside].map((name) => ({
    text: /** @type {string} */ (emoji.get(name)),
    label: `${emoji.get(name)} :${name}:`,
  }));
}

/** @type {(prefix: string, choices: string[], after: string) => Choice[]} */
function plain(prefix, choices, after) {
  const key = keyOf(prefix);
  return choices
    .filter((choice) => keyOf(choice).startsWith(key))
    .map((choice) => ({ text: choice + after, label: choice }));
}
