/** The rooms of the server that the user may know of: found by their names, looked at, changed, made, deleted. */
import { inWords } from "../../text/durations.js";
import { keyOf, listed } from "../../text/names.js";
import { WORDS } from "../../text/rules.js";
import { safe } from "../../text/safe.js";
import { counted } from "../../text/server.js";
import { ago } from "../../text/when.js";
import { openDialog } from "../dialog.js";
import { el } from "../dom.js";
import { showRoomSettings } from "../room-settings.js";
import { showLinks } from "../ticket-dialog.js";
import { factList, listing, openingRow, problemLine, question } from "./parts.js";

const DAY = 86_400; // s
const MOST_NAMED = 20; // people
/** @type {Record<string, string>} */
const ACCESS = { open: "open", unlisted: "unlisted", locked: "with a password", members: "private", direct: "conversation" };

/**
 * @param {import("./page.js").Given} given
 * @returns {import("./page.js").SectionMade}
 */
export function rooms(given) {
  const { tasks } = given;
  /** @type {() => unknown} */
  const again = () => list.load();
  const list = listing({
    id: "find-rooms",
    label: "Find a room by a part of its name",
    none: "There is no room like that that you may know of.",
    look: async (which) => {
      const { rooms, next, total } = await tasks.ask("rooms", which);
      return { rows: rooms, next, total };
    },
    row: (/** @type {any} */ room) => openingRow(`# ${safe(room.name)}`, [factsOf(room)], () => showRoom(given, room.name, again)),
  });
  const make = el("button", { type: "button", "aria-haspopup": "dialog" }, "Make a room…");
  make.addEventListener("click", () => askNew(given).addEventListener("close", again));
  const told = el("p", { class: "quiet" }, "Private rooms in which you are not a member, and conversations of others, are not shown to you.");
  return { node: el("div", {}, el("p", { class: "choices" }, make), list.node, told), load: list.load };
}

/** @param {any} room */
function factsOf({ access, here, members, events, archived, waiting }) {
  const facts = [access !== "open" && ACCESS[access], archived && "closed", waiting > 0 && `${waiting} waiting`, `${here} of ${members} here`, counted(events, "event")];
  return facts.filter(Boolean).join(" · ");
}

/**
 * @param {import("./page.js").Given} given
 * @param {string} name
 * @param {() => unknown} then after something was changed
 */
async function showRoom(given, name, then) {
  const { tasks, chat, go } = given;
  const content = el("div", { class: "scrolls", tabindex: "0", role: "group", "aria-label": "Room" }, el("p", { class: "quiet" }, "Looking…"));
  const dialog = openDialog(`# ${safe(name)}`, content);
  let told;
  try {
    told = await tasks.ask("room", { room: name });
  } catch (error) {
    const problem = problemLine();
    content.replaceChildren(problem);
    problem.textContent = /** @type {Error} */ (error).message;
    return;
  }
  /** @type {(label: string, open: () => unknown) => HTMLButtonElement} */
  const instead = (label, open) =>
    el("button", { type: "button", onclick: () => {
      dialog.close();
      open();
    } }, label);
  content.replaceChildren(
    factList(inDetail(told)),
    el(
      "p",
      { class: "choices" },
      instead("Go there", () => go(name)),
      instead("Rules, name, deleting…", () => showRules(given, told, then)),
      instead("Give a role…", () => askRole(given, name).addEventListener("close", () => then())),
      instead("Links into it…", () => showLinks(chat.moderating, name, `# ${safe(name)}`)),
    ),
  );
}

/** @param {any} told @returns {[string, string][]} */
function inDetail({ room, keep_days: keepDays, slow, roles, users, former, banned, muted, links }) {
  const others = Object.entries(roles).filter(([, role]) => role !== "owner").map(([name, role]) => `${safe(name)} (${role})`);
  /** @type {[string, string | false][]} */
  const rows = [
    ["About", safe(room.topic)],
    ["Who may come in", WORDS.access[room.access] ?? ACCESS[room.access]],
    ["Owners", room.owners.length ? listed(room.owners.map(safe), MOST_NAMED) : "Nobody owns it."],
    ["Other roles", others.length > 0 && listed(others, MOST_NAMED)],
    ["In it", users.length ? `${listed(users.map(safe), MOST_NAMED)} (${room.here} here now)` : "nobody"],
    ["Size", `${counted(room.events, "event")}${room.at == null ? "" : `, the newest ${ago(room.at)}`}`],
    ["Messages stay", keepDays ? `for ${inWords(keepDays * DAY)}` : "for good"],
    ["Slow mode", slow > 0 && `one message in ${inWords(slow)}`],
    ["Banned, muted", (banned > 0 || muted > 0) && `${banned}, ${muted}`],
    ["Links into it", links > 0 && String(links)],
    ["Waiting for a moderator", room.waiting > 0 && String(room.waiting)],
    ["Closed", room.archived && "it can be read, and nothing more is said in it"],
    ["Former names", former.length > 0 && former.slice(0, MOST_NAMED).map(safe).join(", ")],
  ];
  return /** @type {[string, string][]} */ (rows.filter(([, said]) => said));
}

/**
 * The same dialog as in the room. Who administers the server is what owners are in the rooms that they can read.
 * @param {import("./page.js").Given} given
 * @param {any} told
 * @param {() => unknown} then
 */
function showRules({ tasks, chat, tell }, told, then) {
  const { room, speak, slow, guests, history, newcomers, keep_days, roles } = told;
  const { name, access, archived } = room;
  const own = chat.rooms.get(keyOf(name));
  const standing = { role: "owner", access, speak, slow, guests, archived, history, newcomers, keep_days, roles, owned: room.owners.length > 0 };
  const looked = /** @type {import("../../chat/room.js").Room} */ (/** @type {unknown} */ ({ name, key: keyOf(name), title: name, stage: "in", standing }));
  const remove = async () => {
    const why = own ? await chat.rooms.remove(own) : await tasks.do("do", { command: { type: "delete", room: name } });
    if (!why) tell(`# ${safe(name)} is deleted.`);
    return why;
  };
  showRoomSettings(chat, looked, remove).addEventListener("close", () => then());
}

/**
 * @param {import("./page.js").Given} given
 * @param {string} room
 */
function askRole({ chat, tell }, room) {
  const user = el("input", { id: "role-user", required: true, maxlength: "128", dir: "auto", autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
  const roles = /** @type {const} */ ({ owner: "owner", moderator: "moderator", voice: "voice", member: "nobody in particular" });
  const role = el("select", { id: "role-role" }, ...Object.entries(roles).map(([value, words]) => el("option", { value }, words)));
  return question({
    title: `A role in # ${safe(room)}`,
    does: "Owners set the rules of a room and give roles in it; moderators keep it in order; a voice is heard where only some may speak.",
    label: "Give it",
    fields: [el("p", {}, el("label", { for: "role-user" }, "To whom"), user), el("p", {}, el("label", { for: "role-role" }, "Which"), role)],
    act: async () => {
      const name = user.value.trim().replace(/^@/, "");
      const why = await chat.moderating.do({ type: "role", room, user: name, role: role.value });
      if (!why) tell(`${safe(name)} is ${roles[/** @type {keyof typeof roles} */ (role.value)]} in # ${safe(room)} now.`);
      return why;
    },
  });
}

/** @param {import("./page.js").Given} given */
function askNew({ tasks, tell }) {
  const name = el("input", { id: "new-room", required: true, maxlength: "200", dir: "auto", autocomplete: "off", spellcheck: "false" });
  const owner = el("input", { id: "new-room-owner", maxlength: "128", dir: "auto", autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
  const access = el("select", { id: "new-room-access" }, ...["open", "unlisted", "members"].map((value) => el("option", { value }, WORDS.access[value])));
  return question({
    title: "Make a room",
    does: "It is made without anybody in it.",
    label: "Make it",
    fields: [
      el("p", {}, el("label", { for: "new-room" }, "Its name"), name),
      el("p", {}, el("label", { for: "new-room-access" }, "Who may come in and read"), access),
      el("p", {}, el("label", { for: "new-room-owner" }, "Who owns it (an account; may be left out)"), owner),
    ],
    act: async () => {
      const wished = owner.value.trim().replace(/^@/, "");
      if (access.value === "members" && !wished) return "A private room needs an owner: nobody else would know of it.";
      const why = await tasks.do("make-room", { room: name.value.trim().replace(/^#/, ""), access: access.value, ...(wished && { owner: wished }) });
      if (!why) tell(`# ${safe(name.value.trim())} is made.`);
      return why;
    },
  });
}
