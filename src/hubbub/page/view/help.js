/** The help: keys, gestures, commands, and how to write emphasis, code and quotes. */
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";

/** @typedef {import("./dom.js").Child} Child */

/** @type {[string, string][]} */
const KEYS = [
  ["Enter", "sends your message. Shift+Enter begins a new line"],
  ["↑ in an empty field", "changes your last message. Esc leaves it as it is"],
  ["Ctrl+↑, Ctrl+↓", "brings back what you sent before, to send it once more"],
  ["Tab", "takes a suggestion: a name, an :emoji: or a /command. ↑ and ↓ choose another one, Esc closes them"],
  ["Esc", "cancels a reply. Otherwise it goes to the newest message"],
  ["F6, Shift+F6", "goes to the next part of the page: rooms, messages, your text, members"],
  ["Alt+↑, Alt+↓", "goes to the room above or below. With Shift, to the next one with new messages"],
  ["Alt+M", "goes to the next message that mentions you, in any room"],
  ["Ctrl+K", "goes to a room, those with new messages first. Esc goes back"],
  ["Ctrl+Shift+F", "searches in all rooms"],
  ["↑ ↓ in the messages", "goes from message to message. Home goes to the first one, End to the newest"],
  ["Enter", "on a message: shows all that can be done with it"],
  ["r", "on a message: replies to it"],
  ["e", "on a message: reacts to it with an emoji"],
  ["c", "on a message of yours: changes it"],
  ["t", "on a message: shows the conversation around it"],
  ["l", "on a message: copies a link to it"],
  ["u", "outside of text fields: goes to the first new message"],
  ["m", "outside of text fields: marks the room as read"],
  ["?", "outside of text fields: shows this help"],
];

/**
 * What is touched, in words or by its icon, and what it does.
 * @type {[string | {icon: import("./icons.js").Icon}, string][]}
 */
const TOUCHES = [
  ["Tap a message", "shows its buttons: reply to it, react to it, or more"],
  ["Stay on a message", "shows all that can be done with it: change it, take it back, pin it"],
  ["Stay on a reaction", "shows who has reacted"],
  [{ icon: "menu" }, "shows your rooms, what is new in them, this help and the settings"],
  [{ icon: "search" }, "searches in all rooms"],
  [{ icon: "members" }, "shows who is in the room"],
  [{ icon: "newLine" }, "begins a new line"],
  [{ icon: "send" }, "sends your message"],
  ["Type @, : or /", "suggests people, emoji or commands. Tap one to take it"],
];

const sentence = (/** @type {string} */ words) => `${words[0].toUpperCase()}${words.slice(1)}.`;

/**
 * A table of two columns.
 * @param {[Child, Child][]} rows
 */
function table(rows) {
  return el("dl", { class: "keys" }, ...rows.map(([what, does]) => el("div", {}, el("dt", {}, what), el("dd", {}, does))));
}

/**
 * Shows what the user can do: on a device without a mouse first what they can do by touch.
 * @param {import("../text/commands.js").Command[]} told the commands that there are
 */
export function showHelp(told) {
  const key = (/** @type {string} */ name) => el("kbd", {}, name);
  const keys = table(KEYS.map(([name, does]) => [key(name), sentence(does)]));
  const commands = table(told.map(({ name, argument, does }) => [key(`/${name} ${argument}`.trim()), sentence(does)]));
  const marks = table([
    [el("code", {}, "**bold**"), el("strong", {}, "bold")],
    [el("code", {}, "_italic_"), el("em", {}, "italic")],
    [el("code", {}, "~~strike~~"), el("s", {}, "strike")],
    [el("code", {}, "`code`"), "Shows code as it is."],
    [el("code", {}, "```"), "On a line of its own begins and ends several lines of code."],
    [el("code", {}, "> quote"), "Quotes what somebody said."],
  ]);
  const touch = matchMedia("(pointer: coarse)").matches;
  const parts = [
    ...(touch ? [el("h3", {}, "By touch"), table(TOUCHES.map(([what, does]) => [typeof what === "string" ? what : icon(what.icon), sentence(does)]))] : []),
    ...(touch ? [] : [el("h3", {}, "Keys"), keys]),
    el("h3", {}, "Commands"),
    el("p", { class: "quiet" }, "You write them where you write your messages."),
    commands,
    el("h3", {}, "Writing"),
    marks,
    ...(touch ? [el("h3", {}, "With a keyboard"), keys] : []),
  ];
  const body = el("div", { class: "scrolls", tabindex: "0", role: "group", "aria-label": "Keys and commands" }, ...parts);
  openDialog("Help", body);
}
