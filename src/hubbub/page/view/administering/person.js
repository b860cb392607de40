/** One account, as who administers the server sees it: what is known of it, and what can be done. */
import { SERVER } from "../../text/deeds.js";
import { keyOf } from "../../text/names.js";
import { safe } from "../../text/safe.js";
import { mayActOn, SERVER_ROLES } from "../../text/server.js";
import { ago, momentOf } from "../../text/when.js";
import { openDialog } from "../dialog.js";
import { el } from "../dom.js";
import { ban, kick } from "../person-items.js";
import { showMadeLink } from "../ticket-dialog.js";
import { doing, factList, problemLine, question } from "./parts.js";

const DAY = 86_400; // s
const MOST_ROOMS = 20; // that are named

/** @typedef {import("../../text/kinds.js").Role} Role */

/**
 * @param {import("./page.js").Given} given
 * @param {string} name
 * @param {() => unknown} then after something was changed
 */
export async function showAccountOf(given, name, then) {
  const { tasks, chat } = given;
  const problem = problemLine();
  const content = el("div", { class: "scrolls", tabindex: "0", role: "group", "aria-label": "Account" }, el("p", { class: "quiet" }, "Looking…"));
  const dialog = openDialog(safe(name), content);
  let told;
  try {
    told = await tasks.ask("user", { user: name });
  } catch (error) {
    problem.textContent = /** @type {Error} */ (error).message;
    content.replaceChildren(problem);
    return;
  }
  const { role } = told.user;
  const me = keyOf(name) === keyOf(chat.user);
  const may = !me && mayActOn(tasks.role, role);
  const command = { room: SERVER, user: name };
  /** @type {(label: string, open: () => unknown) => HTMLButtonElement} */
  const instead = (label, open) =>
    el("button", { type: "button", "aria-haspopup": "dialog", onclick: () => {
      dialog.close();
      open();
    } }, label);
  const changed = (/** @type {HTMLDialogElement} */ one) => one.addEventListener("close", () => then());
  const say = (/** @type {string} */ why) => (problem.textContent = why);
  const link = () => showMadeLink(chat.moderating, { type: "make-ticket", ...command, seconds: DAY }, say);
  const unban = async () => {
    say(await unbanned(given, name));
    if (!problem.textContent) {
      dialog.close();
      then();
    }
  };
  content.replaceChildren(
    factList(factsOf(told)),
    problem,
    el(
      "p",
      { class: "choices" },
      may && doing("A link for a new password", link),
      !me && tasks.owns && instead("What they are on this server…", () => changed(askRole(given, name, role))),
      may && instead("Put out of the server…", () => changed(kick(chat.moderating, SERVER, name, "the server"))),
      may && !told.user.banned && instead("Ban from the server…", () => changed(ban(chat.moderating, SERVER, name, "the server"))),
      may && told.user.banned && doing("End the ban", unban),
      !me && tasks.owns && instead("Close the account…", () => changed(askClose(given, name))),
    ),
    me ? el("p", { class: "quiet" }, "This is you: your own account is in the settings.") : may ? "" : el("p", { class: "quiet" }, "Only an owner of this server can do something to this account."),
    tasks.owns ? devices(tasks, name) : "",
  );
}

/** @param {any} told @returns {[string, string][]} */
function factsOf({ user, seen, sessions, devices, password, factor, sign_on: signOn, about, rooms }) {
  const proofs = [password && "a password", factor && "a second factor", signOn && "the single sign-on"].filter(Boolean);
  const named = rooms.slice(0, MOST_ROOMS).map((/** @type {any} */ one) => `# ${safe(one.room)}${one.role === "member" ? "" : ` (${one.role})`}`);
  const rest = rooms.length - named.length;
  /** @type {[string, string | false][]} */
  const rows = [
    ["On this server", SERVER_ROLES[/** @type {Role} */ (user.role)]],
    ["Account since", user.registered != null && momentOf(user.registered)],
    ["Here", sessions ? `now, by ${sessions} ${sessions === 1 ? "connection" : "connections"}` : seen == null ? "not yet" : `last ${ago(seen)}`],
    ["Logged in on", `${devices} ${devices === 1 ? "device" : "devices"}`],
    ["Proves it by", proofs.length ? proofs.join(", ") : "nothing yet: by a link for a new password"],
    ["Banned", user.banned && "from the whole server"],
    ["Says of themselves", safe(about)],
    ["Rooms", named.length > 0 && named.join(", ") + (rest > 0 ? ` and ${rest} more` : "")],
  ];
  return /** @type {[string, string][]} */ (rows.filter(([, said]) => said));
}

/**
 * Ends all bans of somebody from the server; resolves to why that is refused, or "".
 * @param {import("./page.js").Given} given
 * @param {string} name
 */
async function unbanned({ chat }, name) {
  try {
    const { bans } = await chat.moderating.bans(SERVER);
    for (const one of bans) {
      const why = !one.pattern && keyOf(one.user) === keyOf(name) && (await chat.moderating.do({ type: "unban", room: SERVER, ban: one.seq }));
      if (why) return why;
    }
    return "";
  } catch (error) {
    return /** @type {Error} */ (error).message;
  }
}

/**
 * @param {import("./page.js").Given} given
 * @param {string} name
 * @param {Role} now
 */
function askRole({ chat, tell }, name, now) {
  /** @type {[Role, string][]} */
  const choices = [
    ["member", "Nobody in particular"],
    ["moderator", "An administrator: keeps rooms in order, invites and bans people"],
    ["owner", "An owner: may do all that you may"],
  ];
  const radios = choices.map(([role, words]) =>
    el("span", {}, el("input", { type: "radio", name: "server-role", value: role, id: `server-role-${role}`, checked: role === now }), el("label", { for: `server-role-${role}` }, words)),
  );
  const group = el("fieldset", { class: "column" }, el("legend", {}, "What they are"), ...radios);
  return question({
    title: `${safe(name)} on this server`,
    does: "It takes effect at once, wherever they are logged in.",
    label: "Save",
    fields: [group],
    act: async () => {
      /** @type {HTMLInputElement | null} */
      const chosen = group.querySelector("input:checked");
      if (!chosen || chosen.value === now) return "";
      const why = await chat.moderating.do({ type: "role", room: SERVER, user: name, role: chosen.value });
      if (!why) tell(`${safe(name)} is ${SERVER_ROLES[/** @type {Role} */ (chosen.value)].toLowerCase()} on this server now.`);
      return why;
    },
  });
}

/**
 * @param {import("./page.js").Given} given
 * @param {string} name
 */
function askClose({ tasks, tell }, name) {
  const typed = el("input", { id: "close-name", maxlength: "128", dir: "auto", autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
  const empty = el("input", { id: "close-empty", type: "checkbox" });
  return question({
    title: `Close the account of ${safe(name)}`,
    does: "They are logged out everywhere, and the name is nobody’s then. This cannot be undone.",
    label: "Close it for good",
    fields: [
      el("p", {}, el("label", { for: "close-name" }, "To close it, type the name"), typed),
      el("p", { class: "check" }, empty, el("label", { for: "close-empty" }, "What they have written is emptied everywhere, too")),
    ],
    act: async () => {
      if (keyOf(typed.value) !== keyOf(name)) return "That is not the name, so nothing was closed.";
      const why = await tasks.do("close-user", { user: name, empty: empty.checked });
      if (!why) tell(`The account of ${safe(name)} is closed.`);
      return why;
    },
  });
}

/**
 * Where somebody is logged in.
 * @param {import("../../chat/administering.js").Administering} tasks
 * @param {string} name
 */
function devices(tasks, name) {
  const status = el("p", { role: "status", class: "quiet" }, "Looking…");
  const list = el("ul", { role: "list", class: "devices", "aria-label": "Devices" });
  const all = doing("Log out everywhere", () => revoke(null), { hidden: true });
  const draw = async () => {
    try {
      const told = await tasks.ask("devices", { user: name });
      list.replaceChildren(...told.devices.map(row));
      all.hidden = told.devices.length < 2;
      status.textContent = told.devices.length ? "" : "Nowhere.";
    } catch (error) {
      status.textContent = /** @type {Error} */ (error).message;
    }
  };
  const revoke = async (/** @type {string | null} */ device) => {
    const why = await tasks.do("revoke", { user: name, ...(device !== null && { device }) });
    await draw();
    if (why) status.textContent = why;
  };
  const row = (/** @type {any} */ { id, client, address, seen, connected }) => {
    const program = safe(client) || "A program";
    const when = connected ? "here now" : `last here ${ago(seen)}`;
    const out = doing("Log out", () => revoke(id), { "aria-label": `Log out ${program}, ${when}` });
    return el("li", {}, el("span", {}, el("bdi", {}, program), " ", el("small", {}, `${when} · `, el("bdi", {}, safe(address)))), out);
  };
  draw();
  return el("section", { "aria-labelledby": "devices-title" }, el("h3", { id: "devices-title" }, "Where they are logged in"), status, list, all);
}
