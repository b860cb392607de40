/** What may be typed instead of a message: the same commands as in the terminal client. */

export const COMMANDS = [
  ["join", "ROOM", "enters a room, beside those you are in; a new name makes one"],
  ["leave", "[ROOM]", "leaves this room, or another"],
  ["rooms", "[WORD]", "lists rooms, or those with WORD in their names"],
  ["who", "", "lists who is in this room"],
  ["nick", "NAME", "goes by another name"],
  ["me", "TEXT", "says what you do, as in *Alice waves*"],
  ["say", "TEXT", "says a text that begins with / or is the word exit"],
  ["reply", "NAME TEXT", "answers the newest message of somebody"],
  ["search", "WORDS", "searches in all rooms"],
  ["history", "[N]", "goes back N messages (100)"],
  ["clear", "", "clears the screen; /history brings all of it back"],
  ["discard", "", "forgets the lines of this room that could not be sent"],
  ["theme", "[NAME]", "changes the colours: system, dark or light"],
  ["notify", "[HOW]", "in this room: off, mentions or all"],
  ["help", "", "lists all keys and commands"],
  ["quit", "", "ends; your rooms are joined again next time"],
].map(([word, argument, does]) => ({ word, argument, does }));

// A command is a slash and a word; a path is text. `//word` is an escape, `// TODO` and `//host/x` are text.
const COMMAND = /^\/((?:[a-z][^\s/]*)?)(?:\s([^]*))?$/i;
const ESCAPE = /^\/(\/[a-z]+(?:\s[^]*)?)$/;

/**
 * What `text` asks for: {say: text}, {word, argument}, or {mistake: a sentence}. `exit` alone is a
 * command, `//word` says `/word`.
 */
export function read(text) {
  if (text.trim() === "exit") return { word: "quit", argument: "" };
  const escaped = ESCAPE.exec(text);
  if (escaped) return { say: escaped[1] };
  const found = COMMAND.exec(text);
  if (!found) return { say: text };
  const [, typed, rest = ""] = found;
  const word = typed.toLowerCase();
  if (!word) return { mistake: "A message cannot begin with /. /say TEXT says one that should." };
  const near = COMMANDS.filter((one) => one.word.startsWith(word));
  const command = COMMANDS.find((one) => one.word === word) ?? (near.length === 1 ? near[0] : null);
  if (!command) {
    return { mistake: `There is no command /${word}. /help lists them; /say TEXT says a text with /.` };
  }
  const argument = rest.trim();
  if (command.argument && !argument && !command.argument.startsWith("[")) {
    return { mistake: `/${command.word} needs ${command.argument}: it ${command.does}.` };
  }
  return command.word === "say" ? { say: argument } : { word: command.word, argument };
}
