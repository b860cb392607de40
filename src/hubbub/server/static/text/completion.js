/** What is offered at the cursor: commands, rooms, emoji and names. */
import { COMMANDS } from "./commands.js";
import { keyOf } from "./names.js";

const MOST = 8;
const EMOJI_CHARS = 2; // typed behind the colon before emoji are offered

let emoji = null;
let fetching = null;

/** The emoji by name. They are fetched when the first colon is typed. */
async function loadEmoji() {
  fetching ??= fetch(new URL("emoji.txt", import.meta.url)).then((answer) => answer.text());
  const words = (await fetching.catch(() => (fetching = null))) ?? "";
  const pairs = words.trim().split("\n").map((line) => line.split(" "));
  emoji = new Map(words ? pairs : []);
}

/**
 * What to put in place of the text from `start` on to the cursor: {start, choices: [{text, label,
 * hint}]}, or null. `before` is what is before the cursor; `known` has `names` and `rooms`.
 */
export async function offer(before, known) {
  let found = /^\/(\w*)$/.exec(before);
  if (found) return made(0, commands(found[1].toLowerCase()));
  found = /^\/(join|leave|theme|notify|reply)\s+(\S*)$/i.exec(before);
  if (found) {
    const words = {
      theme: ["system", "dark", "light"],
      notify: ["off", "mentions", "all"],
      reply: known.names,
    };
    const choices = words[found[1].toLowerCase()] ?? known.rooms;
    return unlessWhole(found[2], made(before.length - found[2].length, plain(found[2], choices, " ")));
  }
  found = /(?:^|[^\w:]):([a-z0-9_+-]*)$/i.exec(before);
  if (found && !emoji && found[1].length < EMOJI_CHARS) loadEmoji();
  if (found && found[1].length >= EMOJI_CHARS) {
    if (!emoji) await loadEmoji();
    return made(before.length - found[1].length - 1, faces(found[1].toLowerCase()));
  }
  found = /(?:^|\s)(@?)([^\s@]*)$/.exec(before);
  if (!found) return null;
  const [whole, at, word] = found;
  const start = before.length - word.length;
  if (at) return unlessWhole(word, made(start, plain(word, known.names, " ")));
  if (word.length < 2) return null;
  const first = whole.length === before.length;
  return unlessWhole(word, made(start, plain(word, known.names, first ? ": " : " ")));
}

/** A name that is typed in full needs no help, and Enter must send. */
function unlessWhole(word, offered) {
  return offered?.choices.some(({ label }) => keyOf(label) === keyOf(word)) ? null : offered;
}

/** Null if no `:name:` ends what is before the cursor; else comes its emoji: {length, text}, or null. */
export function justTyped(before) {
  const found = /(?:^|[^\w:])(:([a-z0-9_+-]+):)$/.exec(before);
  return found && face(found[1], found[2]);
}

async function face(typed, name) {
  if (!emoji) await loadEmoji();
  const text = emoji.get(name);
  return text ? { length: typed.length, text } : null;
}

function made(start, choices) {
  return choices.length ? { start, choices: choices.slice(0, MOST) } : null;
}

function commands(prefix) {
  return COMMANDS.filter(({ word }) => word.startsWith(prefix)).map(({ word, argument, does }) => ({
    text: `/${word}${argument ? " " : ""}`,
    label: `/${word} ${argument}`.trimEnd(),
    hint: does,
    whole: !argument || argument.startsWith("["),
  }));
}

function faces(prefix) {
  const names = [...emoji.keys()];
  const starting = names.filter((name) => name.startsWith(prefix));
  const inside = names.filter((name) => !name.startsWith(prefix) && name.includes(prefix));
  return [...starting, ...inside].map((name) => ({
    text: emoji.get(name),
    label: `${emoji.get(name)} :${name}:`,
  }));
}

function plain(prefix, choices, after) {
  const key = keyOf(prefix);
  return choices
    .filter((choice) => keyOf(choice).startsWith(key))
    .map((choice) => ({ text: choice + after, label: choice }));
}
