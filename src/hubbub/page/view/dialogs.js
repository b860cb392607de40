/** The dialogs: keys and commands, and the settings. */
import { DENSITIES, THEMES } from "../keep/settings.js";
import { safe } from "../text/safe.js";
import { el, icon, iconButton } from "./dom.js";
import { NOTIFY_WORDS } from "./notify-words.js";

const KEYS = [
  ["Enter", "sends your message. Shift+Enter begins a new line"],
  ["↑ in an empty field", "brings back what you sent before, to change it and send it again"],
  ["Tab", "takes a suggestion: a name, an :emoji: or a /command. ↑ and ↓ choose another one, Esc closes them"],
  ["Esc", "cancels a reply. Otherwise it goes to the newest message"],
  ["F6, Shift+F6", "goes to the next part of the page: rooms, messages, your text, members"],
  ["Alt+↑, Alt+↓", "goes to the room above or below. With Shift, to the next one with new messages"],
  ["Alt+M", "goes to the next message that mentions you, in any room"],
  ["Ctrl+K", "goes to a room, those with new messages first. Esc goes back"],
  ["Ctrl+Shift+F", "searches in all rooms"],
  ["↑ ↓ in the messages", "goes from message to message. Home goes to the first one, End to the newest"],
  ["r", "on a message: replies to it"],
  ["l", "on a message: copies a link to it"],
  ["u", "outside of text fields: goes to the first new message"],
  ["m", "outside of text fields: marks the room as read"],
  ["?", "outside of text fields: shows this help"],
];

/** What one can do by touch: what is touched, as an icon or in words, and what it does. */
const TOUCHES = [
  ["Tap a message", "shows its buttons: reply to it, or copy a link to it"],
  [icon("menu"), "shows your rooms, what is new in them, this help and the settings"],
  [icon("search"), "searches in all rooms"],
  [icon("members"), "shows who is in the room"],
  [icon("newLine"), "begins a new line"],
  [icon("send"), "sends your message"],
  ["Type @, : or /", "suggests people, emoji or commands. Tap one to take it"],
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

const sentence = (words) => `${words[0].toUpperCase()}${words.slice(1)}.`;

/** Shows what one can do: first by touch, where there is no mouse. `told`: the commands. */
export function showHelp(told) {
  const table = (rows) => el("dl", { class: "keys" }, ...rows.map(([what, does]) => el("div", {}, el("dt", {}, what), el("dd", {}, typeof does === "string" ? sentence(does) : does))));
  const key = (name) => el("kbd", {}, name);
  const keys = table(KEYS.map(([name, does]) => [key(name), does]));
  const commands = table(told.map(({ name, argument, does }) => [key(`/${name} ${argument}`.trim()), does]));
  const marks = table([
    [el("code", {}, "**bold**"), el("strong", {}, "bold")],
    [el("code", {}, "_italic_"), el("em", {}, "italic")],
    [el("code", {}, "~~strike~~"), el("s", {}, "strike")],
    [el("code", {}, "`code`"), "shows code as it is"],
    [el("code", {}, "```"), "on a line of its own begins and ends several lines of code"],
    [el("code", {}, "> quote"), "quotes what somebody said"],
  ]);
  const touch = matchMedia("(pointer: coarse)").matches;
  const parts = [
    ...(touch ? [el("h3", {}, "By touch"), table(TOUCHES.map(([what, does]) => [what.cloneNode?.(true) ?? what, does]))] : []),
    ...(touch ? [] : [el("h3", {}, "Keys"), keys]),
    el("h3", {}, "Commands"),
    el("p", { class: "quiet" }, "You write them where you write your messages."),
    commands,
    el("h3", {}, "Writing"),
    marks,
    ...(touch ? [el("h3", {}, "With a keyboard"), keys] : []),
  ];
  const body = el("div", { class: "scrolls", tabindex: "0", role: "group", "aria-label": "Keys and commands" }, ...parts);
  dialog("Help", body);
}

/**
 * Shows the settings. `ignored`: whom one ignores. `onname` takes another name, and gives the error that it was refused with, or null;
 * `ontell` says a sentence, `onquit` ends it; `onnotify` gives why it cannot be so.
 */
export function showSettings({ settings, ignored, user, onname, ontell, onquit, onnotify }) {
  const keys = el("input", { type: "checkbox", id: "single-keys", checked: settings.keys });
  keys.addEventListener("change", () => settings.set("keys", keys.checked));
  const quit = el("button", { type: "button", class: "plain" }, "Sign out");
  const made = dialog(
    "Settings",
    el(
      "div",
      { class: "scrolls" },
      renameForm(user, onname, ontell, () => made),
      choice("Colours", "theme", THEMES, settings.theme, (value) => settings.set("theme", value)),
      choice("Space around messages", "density", DENSITIES, settings.density, (value) => settings.set("density", value)),
      notifications(settings, onnotify),
      whomOneIgnores(ignored),
      el("p", { class: "check" }, keys, el("label", { for: "single-keys" }, "Use the single-letter shortcuts r, l, u, m and ?")),
      el("p", {}, quit),
      el("p", { class: "quiet" }, "When you sign out, others can take your name. Messages that this browser keeps are deleted from it."),
    ),
  );
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

/** Those whose messages are hidden, each with a way to see them again; nothing if there are none. */
function whomOneIgnores(ignored) {
  if (ignored.nobody) return null;
  const rows = ignored.names.map((name) => {
    const show = el("button", { type: "button" }, "Show again");
    const row = el("li", {}, el("bdi", {}, safe(name)), show);
    show.setAttribute("aria-label", `Show what ${safe(name)} writes again`);
    show.addEventListener("click", () => {
      ignored.set(name, false);
      show.disabled = true;
      show.textContent = "Shown";
    });
    return row;
  });
  return el("fieldset", { class: "ignored" }, el("legend", {}, "You do not see what they write"), el("ul", { role: "list" }, ...rows));
}

/** Where one changes one's name. The dialog closes when that is done; a refusal is told in it. */
function renameForm(user, onname, ontell, dialog) {
  const name = el("input", {
    id: "new-name",
    value: user,
    maxlength: "128",
    dir: "auto",
    autocomplete: "off",
    "aria-describedby": "new-name-problem",
  });
  const change = el("button", {}, "Change");
  const problem = el("p", { id: "new-name-problem", class: "problem", role: "alert" });
  const other = el("button", { type: "button", class: "plain", hidden: true });
  const form = el(
    "form",
    { autocomplete: "off" },
    el("label", { for: "new-name" }, "Your name"),
    el("div", { class: "field" }, name, change),
    problem,
    other,
  );
  const say = (sentence, suggestion = null) => {
    problem.textContent = sentence;
    name.setAttribute("aria-invalid", String(Boolean(sentence)));
    other.hidden = !suggestion;
    other.value = suggestion ?? "";
    other.textContent = suggestion ? `Use the name ${suggestion}` : "";
  };
  const ask = async () => {
    if (!name.value.trim() || name.value.trim() === user) {
      dialog().close();
      return;
    }
    say("");
    change.disabled = true;
    const error = await onname(name.value);
    change.disabled = false;
    if (!error) dialog().close();
    else if (dialog().open) {
      say(error.message, error.suggestion);
      name.focus();
    } else ontell(error.message);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
  other.addEventListener("click", () => {
    name.value = other.value;
    ask();
  });
  name.addEventListener("input", () => say(""));
  return form;
}

const LABELS = {
  system: "As on this device",
  light: "Light",
  dark: "Dark",
  comfortable: "Comfortable",
  compact: "Compact",
};

function choice(title, name, choices, chosen, onchoose, words = LABELS) {
  const radios = choices.map((value) => {
    const radio = el("input", { type: "radio", name, value, id: `${name}-${value}`, checked: value === chosen });
    radio.addEventListener("change", () => onchoose(value));
    return el("span", {}, radio, el("label", { for: `${name}-${value}` }, words[value] ?? value));
  });
  return el("fieldset", {}, el("legend", { dir: "auto" }, title), ...radios);
}
