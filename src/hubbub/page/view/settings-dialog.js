/** The settings: name, looks, notifications, ignored people, shortcuts, and signing out. */
import { DENSITIES, THEMES } from "../keep/settings.js";
import { safe } from "../text/safe.js";
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";
import { NOTIFY_ORDER, NOTIFY_WORDS } from "./notify-words.js";
import { renameForm } from "./rename-form.js";

/**
 * @typedef {import("../keep/settings.js").Settings} Settings
 * @typedef {import("../keep/settings.js").Notify} Notify
 */

const GUEST_OUT = "When you sign out, others can take your name. Messages that this browser keeps are deleted from it.";
const ACCOUNT_OUT = "When you sign out, what this browser keeps of you is deleted from it. Your name stays yours.";
/** @type {Record<import("../keep/settings.js").Theme, string>} */
const THEME_WORDS = { system: "As on this device", light: "Light", dark: "Dark" };
/** @type {Record<import("../keep/settings.js").Density, string>} */
const DENSITY_WORDS = { comfortable: "Comfortable", compact: "Compact" };

/**
 * Shows the settings.
 * @param {object} given
 * @param {Settings} given.settings
 * @param {import("../keep/ignored.js").Ignored} given.ignored
 * @param {(name: string) => Promise<void>} given.showAgain what somebody writes
 * @param {string} given.user the user's name
 * @param {(name: string) => Promise<import("./rename-form.js").Refused | null>} given.rename
 * @param {(sentence: string) => void} given.tell
 * @param {boolean} given.account whether the user has one
 * @param {(() => void) | null} given.showAccount null: the server has no accounts
 * @param {() => void} given.quit
 * @param {Element | null} given.server for those who administer the server
 * @param {(how: Notify) => Promise<string>} given.notify returns why the browser does not allow it, or ""
 */
export function showSettings({ settings, ignored, showAgain, user, rename, tell, account, showAccount, quit, server, notify }) {
  const keys = el("input", { type: "checkbox", id: "single-keys", checked: settings.keys });
  keys.addEventListener("change", () => settings.set("keys", keys.checked));
  const signOut = el("button", { type: "button", class: "plain" }, "Sign out");
  const more = el("button", { type: "button", "aria-haspopup": "dialog" }, account ? "Account: password, devices, log out" : "Keep this name: choose a password");
  more.addEventListener("click", () => {
    made.close();
    showAccount?.();
  });
  const made = openDialog(
    "Settings",
    el(
      "div",
      { class: "scrolls" },
      renameForm({ user, rename, tell, dialog: () => made }),
      showAccount && el("p", {}, more),
      choice("Colours", "theme", THEMES, THEME_WORDS, settings.theme, (value) => settings.set("theme", value)),
      choice("Space around messages", "density", DENSITIES, DENSITY_WORDS, settings.density, (value) => settings.set("density", value)),
      notifications(settings, notify),
      ignoredPeople(ignored, showAgain),
      el("p", { class: "check" }, keys, el("label", { for: "single-keys" }, "Use the single-letter shortcuts r, l, u, m and ?")),
      server,
      el("p", {}, signOut),
      el("p", { class: "quiet" }, account ? ACCOUNT_OUT : GUEST_OUT),
    ),
  );
  signOut.addEventListener("click", () => {
    made.close();
    quit();
  });
}

/**
 * The choice of notifications. When the browser does not allow one, it says so, and shows what holds.
 * @param {Settings} settings
 * @param {(how: Notify) => Promise<string>} notify
 */
function notifications(settings, notify) {
  const problem = el("p", { class: "problem", role: "status" });
  const labels = { mentions: NOTIFY_WORDS.mentions.label, all: NOTIFY_WORDS.all.label, off: NOTIFY_WORDS.off.label };
  const choose = async (/** @type {Notify} */ how) => {
    problem.textContent = await notify(how);
    /** @type {HTMLInputElement | null} */
    const holds = made.querySelector(`#notify-${settings.notify}`);
    if (holds) holds.checked = true;
  };
  const made = choice("Notify me, in all rooms", "notify", NOTIFY_ORDER, labels, settings.notify, choose);
  made.append(problem, el("small", {}, "The menu of each room, at its name, has a choice for that room alone."));
  return made;
}

/**
 * The people whose messages are hidden, each with a button to show them again; null if there are none.
 * @param {import("../keep/ignored.js").Ignored} ignored
 * @param {(name: string) => Promise<void>} showAgain
 */
function ignoredPeople(ignored, showAgain) {
  if (ignored.nobody) return null;
  const rows = ignored.names.map((name) => {
    const show = el("button", { type: "button" }, "Show again");
    const row = el("li", {}, el("bdi", {}, safe(name)), show);
    show.setAttribute("aria-label", `Show what ${safe(name)} writes again`);
    show.addEventListener("click", async () => {
      show.disabled = true;
      await showAgain(name);
      if (ignored.has(name)) show.disabled = false;
      else show.textContent = "Shown";
    });
    return row;
  });
  return el("fieldset", { class: "ignored" }, el("legend", {}, "You do not see what they write"), el("ul", { role: "list" }, ...rows));
}

/**
 * A group of radio buttons.
 * @template {string} Value
 * @param {string} title
 * @param {string} name
 * @param {Value[]} values
 * @param {Record<Value, string>} labels
 * @param {Value} chosen
 * @param {(value: Value) => void} choose
 */
function choice(title, name, values, labels, chosen, choose) {
  const radios = values.map((value) => {
    const radio = el("input", { type: "radio", name, value, id: `${name}-${value}`, checked: value === chosen });
    radio.addEventListener("change", () => choose(value));
    return el("span", {}, radio, el("label", { for: `${name}-${value}` }, labels[value]));
  });
  return el("fieldset", {}, el("legend", { dir: "auto" }, title), ...radios);
}
