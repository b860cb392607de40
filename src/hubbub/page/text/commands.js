/** What may be typed instead of a message. The server tells which commands there are: hubbub/domain/slashes.py. */
import { slips } from "./alike.js";

/**
 * One command. `argument`: what comes behind it (`[…]`: may be left out); `does`: the help; `asks`: the question
 * to somebody who has not written that; `offers`: "rooms", "people" or "nothing"; `choices`: all that may come behind
 * it, if there are such; `fills`: aliases that say the last word of the argument, too; `secret`: a
 * password comes behind it.
 * @typedef {{secret?: boolean, name: string, argument: string, does: string, asks: string, aliases: string[], fills: Record<string, string>, offers: string, choices: string[]}} Command
 * What the server tells of them; `instead`: what to do, by words that are no commands here.
 * @typedef {{commands: Command[], instead: Record<string, string>}} Told
 * @typedef {{say: string} | {order: string, argument: string} | {mistake: string}} Read
 */

const COUNT = "[N]";
const OPTIONAL = /\[[^\]]*\]/g; // what of an argument may be left out
const COUNT_DIGITS = 15; // more mean nothing
const REPEATED_CHARS = 60; // of what was typed, in a sentence about it
const WORD_CHARS = 20; // of a word that may be a slip: a longer one is no command
const LONG_WORD = 6; // letters of a word from which on two slips are forgiven

// A command is a slash and a word; a path is text. `//word` is an escape, `// TODO` and `//host/x` are text.
const COMMAND = /^\/((?:[a-z][^\s/]*|\?)?)(?:\s([^]*))?$/i;
const ESCAPE = /^\/(\/[a-z]+(?:\s[^]*)?)$/;

/** The commands of the page. They are read as hubbub/domain/orders.py does; both pass tests/vectors/slashes.json. */
export class Commands {
  /** @type {Map<string, Command>} */
  #named = new Map();
  /** @type {Map<string, string>} */
  #instead;

  /** @param {Told} told */
  constructor({ commands, instead }) {
    this.all = commands;
    this.#instead = new Map(Object.entries(instead));
    for (const command of commands) {
      for (const alias of [...command.aliases, ...Object.keys(command.fills)]) this.#named.set(alias, command);
    }
    for (const command of commands) this.#named.set(command.name, command);
  }

  /**
   * The command that is called `word`, whatever the case, or whose name alone begins so; or null.
   * @param {string} word
   */
  meant(word) {
    const typed = word.toLowerCase();
    const named = this.#named.get(typed);
    if (named || this.#instead.has(typed)) return named ?? null;
    const begun = this.all.filter(({ name }) => name.startsWith(typed));
    return begun.length === 1 ? begun[0] : null;
  }

  /**
   * What `text` asks for: {say: text}, {order: the name of a command, argument}, or {mistake: a sentence}.
   * `exit` is a text here: a page has a button to sign out, and nobody types their way out of it.
   * @param {string} text
   * @returns {Read}
   */
  read(text) {
    const escaped = ESCAPE.exec(text);
    if (escaped) return { say: escaped[1] };
    const found = COMMAND.exec(text);
    if (!found) return { say: text };
    const [, word, rest = ""] = found;
    const command = word ? this.meant(word) : null;
    if (!command) return { mistake: this.#unknown(word, text.trim()) };
    const { name, choices } = command;
    const filled = new Map(Object.entries(command.fills)).get(word.toLowerCase()) ?? "";
    const typed = `${rest.trim()} ${filled}`.trim();
    const argument = choices.length ? typed.toLowerCase() : typed;
    if (choices.length && argument && !choices.includes(argument)) {
      return { mistake: `There is no such choice. Type /${name} alone, or with one of these: ${choices.join(", ")}.` };
    }
    if (!willDo(command, argument)) return { mistake: lacking(command) };
    return name === "say" ? { say: argument } : { order: name, argument };
  }

  /**
   * @param {string} word
   * @param {string} text
   */
  #unknown(word, text) {
    const named = word.length <= REPEATED_CHARS ? `command "/${word}"` : "such command";
    return `There is no ${named}. ${this.#advice(word.toLowerCase()) ?? asItIs(text)}`;
  }

  /**
   * Whether a text is, or becomes, a command with a password, which is not kept.
   * @param {string} text
   */
  isSecret(text) {
    const [, word = "", rest = ""] = COMMAND.exec(text) ?? [];
    const command = word && this.meant(word);
    return Boolean(command && rest.trim() && (command.secret || (command.name === "join" && /\S\s+\S/.test(rest))));
  }

  /** @param {string} word */
  #advice(word) {
    const near = this.#near(word);
    return this.#instead.get(word) ?? (near && `Did you mean /${near.name}?`);
  }

  /** @param {string} word */
  #near(word) {
    if (word.length < 2 || word.length > WORD_CHARS) return null;
    const most = word.length < LONG_WORD ? 1 : 2;
    const known = [...this.#named.keys()].filter((one) => one.length > most + 1);
    const far = known.map((one) => slips(word, one, most));
    const least = Math.min(...far);
    return least <= most ? (this.#named.get(known[far.indexOf(least)]) ?? null) : null;
  }
}

/**
 * The number that an argument is, 1 or more; null if it is none.
 * @param {string} argument
 */
export function count(argument) {
  if (!/^\p{Nd}+$/u.test(argument)) return null;
  return Number(Array.from(argument, digit).slice(0, COUNT_DIGITS).join("")) || null;
}

/**
 * The value of a decimal digit in any script: each has its ten in a row, and rows begin with a nought.
 * @param {string} char
 */
function digit(char) {
  const code = /** @type {number} */ (char.codePointAt(0));
  let before = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(code - before - 1))) before += 1;
  return before % 10;
}

/**
 * @param {Command} command
 * @param {string} argument
 */
function willDo(command, argument) {
  if (command.argument === COUNT && argument) return count(argument) !== null;
  const needed = command.argument.replace(OPTIONAL, "").split(" ").filter(Boolean);
  return argument.split(/\s+/).filter(Boolean).length >= needed.length;
}

/**
 * What to tell somebody who typed no argument, or none that will do.
 * @param {Command} command
 */
function lacking({ name, argument, asks }) {
  const needed = argument.replace(OPTIONAL, "").trim() || argument.replace(/[[\]]/g, "");
  return `${asks} Type: /${name} ${needed}`;
}

/** @param {string} text */
function asItIs(text) {
  if (Array.from(text).length > REPEATED_CHARS || text.includes("\n")) {
    return "/help lists them; to say it as it is, type /say before it.";
  }
  return `/help lists them; to say it as it is, type: /say ${text}`;
}

/**
 * The topic that the argument of /topic sets: a dash takes it away.
 * @param {string} argument
 */
export const topicIn = (argument) => (argument === "-" ? "" : argument);
