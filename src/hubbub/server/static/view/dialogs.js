/** The dialogs: keys and commands, and the settings. */
import { DENSITIES, THEMES } from "../keep/settings.js";
import { COMMANDS } from "../text/commands.js";
import { el, iconButton } from "./dom.js";
import { NOTIFY_WORDS } from "./notify-words.js";

export const KEYS = [
  ["Enter", "sends; Shift+Enter begins a new line"],
  ["↑ in an empty message", "what you sent before, to change and send again"],
  ["Tab", "takes a suggestion: names, :emoji:, /commands; ↑ ↓ choose one for Enter, Esc closes"],
  ["Esc", "ends a reply; else goes to the newest message"],
  ["F6, Shift+F6", "to the next part of the page: rooms, messages, writing, members"],
  ["Alt+↑, Alt+↓", "the room above, the room below; with Shift the next one with news"],
  ["Alt+M", "the next message that mentions you, in whatever room"],
  ["Ctrl+K", "go to a room, those with news first; Esc goes back"],
  ["Ctrl+Shift+F", "searches in all rooms"],
  ["↑ ↓ in the messages", "from message to message; Home and End go to the first and the newest"],
  ["r", "on a message: replies to it"],
  ["l", "on a message: copies a link to it"],
  ["u", "outside a text field: to the first message that is new"],
  ["m", "outside a text field: marks the room as read"],
  ["?", "outside a text field: this list"],
];

function dialog(title, ...content) {
  const id = `title-${title.toLowerCase().replace(/\W+/g, "-")}`;
  const made = el(
    "dialog",
    { "aria-labelledby": id },
    el("div", { class: "head" }, el("h2", { id }, title), el("form", { method: "dialog" }, iconButton("close", "Close", { type: "submit" }))),
    ...content,
  );
  made.addEventListener("click", (event) => {
    if (event.target === made) made.close(); // outside of it
  });
  made.addEventListener("close", () => made.remove());
  document.body.append(made);
  made.showModal();
  return made;
}

/** Shows all keys and commands. */
export function showHelp() {
  const keys = KEYS.map(([key, does]) => el("div", {}, el("dt", {}, el("kbd", {}, key)), el("dd", {}, does)));
  const commands = COMMANDS.map(({ word, argument, does }) =>
    el("div", {}, el("dt", {}, el("kbd", {}, `/${word} ${argument}`.trim())), el("dd", {}, does)),
  );
  const text = el(
    "p",
    {},
    el("code", {}, "*bold*"), " ", el("code", {}, "_italic_"), " ", el("code", {}, "~strike~"), " ",
    el("code", {}, "`code`"), " ", el("code", {}, "> quote"), " ", el("code", {}, "```"), " around lines of code",
  );
  const body = el("div", { class: "scrolls", tabindex: "0", role: "group", "aria-label": "Keys and commands" },
    el("dl", { class: "keys" }, ...keys),
    el("h3", {}, "Commands"),
    el("dl", { class: "keys" }, ...commands),
    el("h3", {}, "Writing"),
    text,
  );
  dialog("Help", body);
}

/** Shows the settings. `onname` takes another name, `onquit` ends it; `onnotify` gives why it cannot be so. */
export function showSettings({ settings, user, onname, onquit, onnotify }) {
  const name = el("input", { id: "new-name", value: user, maxlength: "128", dir: "auto", autocomplete: "off" });
  const rename = el(
    "form",
    {},
    el("label", { for: "new-name" }, "Your name"),
    el("div", { class: "field" }, name, el("button", {}, "Change")),
  );
  const keys = el("input", { type: "checkbox", id: "single-keys", checked: settings.keys });
  keys.addEventListener("change", () => settings.set("keys", keys.checked));
  const quit = el("button", { type: "button", class: "plain" }, "Sign out");
  const made = dialog(
    "Settings",
    el(
      "div",
      { class: "scrolls" },
      rename,
      choice("Colours", "theme", THEMES, settings.theme, (value) => settings.set("theme", value)),
      choice("Messages", "density", DENSITIES, settings.density, (value) => settings.set("density", value)),
      notifications(settings, onnotify),
      el("p", { class: "check" }, keys, el("label", { for: "single-keys" }, "Single keys: r, l, u, m and ?")),
      el("p", {}, quit, " Your name is free for others then."),
    ),
  );
  rename.addEventListener("submit", (event) => {
    event.preventDefault();
    if (name.value.trim() && name.value !== user) onname(name.value);
    made.close();
  });
  quit.addEventListener("click", () => {
    made.close();
    onquit();
  });
}

/** A refusal is told where it happened, and what holds is marked. */
function notifications(settings, onnotify) {
  const problem = el("p", { class: "problem", role: "status" });
  const words = Object.fromEntries(Object.entries(NOTIFY_WORDS).map(([how, { label }]) => [how, label]));
  const choose = async (how) => {
    problem.textContent = await onnotify(how);
    made.querySelector(`#notify-${settings.notify}`).checked = true;
  };
  const made = choice("Notify me, in all rooms", "notify", Object.keys(words), settings.notify, choose, words);
  made.append(problem, el("small", {}, "The menu of each room, at its name, has a choice for that room alone."));
  return made;
}

function choice(title, name, choices, chosen, onchoose, words = {}) {
  const radios = choices.map((value) => {
    const radio = el("input", { type: "radio", name, value, id: `${name}-${value}`, checked: value === chosen });
    radio.addEventListener("change", () => onchoose(value));
    return el("span", {}, radio, el("label", { for: `${name}-${value}` }, words[value] ?? value));
  });
  return el("fieldset", {}, el("legend", { dir: "auto" }, title), ...radios);
}
