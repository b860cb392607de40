/** What may be typed instead of a message: the same commands as in the terminal client. */

export const COMMANDS = [
  ["join", "ROOM", "goes to a room, or makes a new one", "the name of a room", "Kitchen"],
  ["leave", "[ROOM]", "leaves this room, or the one that you name"],
  ["delete", "[ROOM]", "deletes this room, or the one that you name, if nothing was said in it"],
  ["read", "[all]", "marks this room as read, or all of your rooms"],
  ["rooms", "[WORD]", "shows all rooms, or those with this word in their names"],
  ["who", "", "shows who is in this room"],
  ["nick", "NAME", "changes your name", "your new name", "Anna"],
  ["me", "TEXT", "tells what you are doing: /me waves becomes *Anna waves*", "what you are doing", "waves"],
  ["say", "TEXT", "sends a text that begins with /", "your text", "/help shows all commands"],
  ["reply", "NAME TEXT", "answers the newest message of a person", "a name and your answer", "Ben Good idea!"],
  ["search", "WORDS", "searches in all rooms", "the words to look for", "pancakes"],
  ["history", "[N]", "goes back by 100 messages, or by as many as you say"],
  ["clear", "", "empties the screen; /history brings everything back"],
  ["discard", "", "throws away your messages in this room that could not be sent"],
  ["theme", "[NAME]", "changes the colours: system, dark or light"],
  ["notify", "[HOW]", "chooses when you are notified of this room: off, mentions or all"],
  ["ignore", "[NAME]", "hides what a person writes, in all rooms; alone, it lists whom you ignore"],
  ["unignore", "NAME", "shows again what a person writes", "the name of the person", "Ben"],
  ["help", "", "shows all keys and commands"],
  ["quit", "", "signs out; you are back in your rooms the next time"],
].map(([word, argument, does, wanted, example]) => ({ word, argument, does, wanted, example }));

// What the page has by another name (other chats' names, too), and what only the terminal client has.
const SAME = new Map(
  Object.entries({
    join: "j channel enter goto",
    leave: "part close",
    rooms: "list channels ls",
    who: "names members users nicks",
    nick: "name rename",
    me: "action describe",
    reply: "answer re",
    search: "find grep lastlog",
    history: "scrollback log",
    clear: "cls",
    theme: "color colors colour colours",
    notify: "alerts",
    ignore: "block",
    unignore: "unblock",
    help: "commands keys",
    quit: "exit bye disconnect signoff",
  }).flatMap(([word, others]) => others.split(" ").map((other) => [other, word])),
);
const PRIVATE =
  "There are no private messages here: everybody in a room can read what is said in it. To answer somebody, write /reply NAME TEXT.";
/** @type {Record<string, string>} */
const INSTEAD = {
  msg: PRIVATE,
  dm: PRIVATE,
  query: PRIVATE,
  whisper: PRIVATE,
  topic: "Rooms have no topic here. Say it in the room.",
  invite: "Everybody may come in. Send them the link, which the menu at the room's name copies.",
  mute: "To see nothing of what somebody writes, write /ignore and the name. To hear less of this room, write /notify off.",
  times: "This page always shows short times. Hold the pointer over one to see its date and its seconds.",
};

// A command is a slash and a word; a path is text. `//word` is an escape, `// TODO` and `//host/x` are text.
const COMMAND = /^\/((?:[a-z][^\s/]*)?)(?:\s([^]*))?$/i;
const ESCAPE = /^\/(\/[a-z]+(?:\s[^]*)?)$/;

/**
 * Whether two words are the same but for the order of their letters, or for one letter.
 * @param {string} one
 * @param {string} other
 */
function alike(one, other) {
  const sorted = (/** @type {string} */ word) => [...word].sort().join("");
  if (sorted(one) === sorted(other)) return true;
  const [long, short] = one.length > other.length ? [one, other] : [other, one];
  const [rest, kept] = long.length === short.length ? [1, 1] : [1, 0];
  for (let place = 0; place < long.length; place += 1) {
    const end = place + kept;
    if (long.slice(0, place) + long.slice(place + rest) === short.slice(0, place) + short.slice(end)) return true;
  }
  return false;
}

/**
 * What `text` asks for: {say: text}, {word, argument}, or {mistake: a sentence}. `//word` says `/word`.
 * `exit` is a text here: a page has a button to sign out, and nobody types their way out of it.
 * @param {string} text
 * @returns {{say: string} | {word: string, argument: string} | {mistake: string}}
 */
export function read(text) {
  const escaped = ESCAPE.exec(text);
  if (escaped) return { say: escaped[1] };
  const found = COMMAND.exec(text);
  if (!found) return { say: text };
  const [, typed, rest = ""] = found;
  const word = SAME.get(typed.toLowerCase()) ?? typed.toLowerCase();
  if (Object.hasOwn(INSTEAD, word)) return { mistake: INSTEAD[word] };
  if (!word) return { mistake: "What begins with / is a command. To send it as a message, write /say before it." };
  const near = COMMANDS.filter((one) => one.word.startsWith(word));
  const command = COMMANDS.find((one) => one.word === word) ?? (near.length === 1 ? near[0] : null);
  if (!command) {
    const meant = COMMANDS.find((one) => alike(one.word, word));
    const hint = meant ? `Did you mean /${meant.word}?` : "Write /help to see all commands.";
    return { mistake: `There is no command /${word}. ${hint} To send this as a message, write /say before it.` };
  }
  const argument = rest.trim();
  if (command.argument && !argument && !command.argument.startsWith("[")) {
    const like = `/${command.word} ${command.example}`;
    return { mistake: `Write ${command.wanted} after /${command.word}, like this: ${like}` };
  }
  return command.word === "say" ? { say: argument } : { word: command.word, argument };
}
