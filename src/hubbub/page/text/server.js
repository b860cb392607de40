/** What is told of a whole server, in words: how it is, who somebody is on it, how it is with its backups. */
import { inWords } from "./durations.js";
import { listed } from "./names.js";
import { safe } from "./safe.js";
import { sizeInWords } from "./sizes.js";

const SECOND = 1000; // ms
const DAY = 86_400; // s
const OLD_BACKUP = 2 * DAY * SECOND; // ms; one is made each day

/** @typedef {import("./kinds.js").Role} Role */

/**
 * What somebody is on the whole server.
 * @type {Record<Role, string>}
 */
export const SERVER_ROLES = { owner: "Owner", moderator: "Administrator", voice: "Voice", member: "Nobody in particular" };

/**
 * What somebody may do to an account that has the role `theirs` on the server: owners to everybody, administrators to
 * those with a lesser role.
 * @param {Role} mine
 * @param {Role} theirs
 */
export function mayActOn(mine, theirs) {
  return mine === "owner" || (mine === "moderator" && (theirs === "member" || theirs === "voice"));
}

/** @type {(count: number, one: string, many?: string) => string} */
export const counted = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

/** @type {Record<string, string>} */
const REGISTRATION = {
  open: "Everybody may make an account.",
  invite: "Who has an invitation may make an account.",
  closed: "Nobody makes an account by themselves: you do it for them.",
};

/**
 * How a server is, as pairs of what it is about and what is said of it.
 * @param {any} status the result of the task `status`
 * @returns {[string, string][]}
 */
export function statusInWords(status) {
  const { files, shared } = status;
  const up = Math.max(1, Math.floor((status.now - status.started) / SECOND));
  const kept = status.keep_days ? `${inWords(status.keep_days * DAY)}, and are gone then` : "for good";
  /** @type {[string, string | false | null][]} */
  const rows = [
    ["Version", `Hubbub ${safe(status.version)} on Python ${safe(status.python)}`],
    ["Node", shared && `${safe(status.node)}, one of ${status.nodes.toLocaleString("en")}: you look at it just now`],
    ["Started", `${inWords(up)} ago`],
    ["People here", `${counted(status.people, "person", "people")}, ${counted(status.sessions, "connection")}${shared ? " at this node" : ""}`],
    ["Accounts", counted(status.accounts, "account")],
    ["Rooms", `${counted(status.rooms, "room")}, ${counted(status.events, "event")}`],
    ["Owners", status.owners.length ? listed(status.owners.map(safe)) : "Nobody owns this server."],
    ["Administrators", status.administrators.length ? listed(status.administrators.map(safe)) : "Nobody beside the owners."],
    ["New people", `${REGISTRATION[status.registration] ?? safe(status.registration)} ${status.guests ? "Guests may come in." : "Guests may not come in."}`],
    ["Messages stay", kept],
    ["Search", status.behind > 0 && `${counted(status.behind, "event")} cannot be found yet`],
    ["Database", shared ? "PostgreSQL" : files && sizeInWords(files.database + files.wal)],
    ["Search index", !shared && files && sizeInWords(files.search)],
    ["Free on the disk", files && (files.free == null ? "not known" : sizeInWords(files.free))],
  ];
  return /** @type {[string, string][]} */ (rows.filter(([, said]) => said));
}

/**
 * How it is with the backups, in one sentence; `ill`: somebody has to do something.
 * @param {any} told the result of the task `backups`
 * @param {{log: string, now: number, shared: boolean}} status of the task `status`
 * @returns {{said: string, ill: boolean}}
 */
export function backupsInWords({ place, daily, backups }, { log, now, shared }) {
  if (shared) return { said: "Everything is in a PostgreSQL, which is backed up by its own means.", ill: false };
  if (place == null) return { said: "No backups are made: nobody has said where to. If its disk fails, all is lost.", ill: true };
  const newest = backups.find((/** @type {{log: string}} */ one) => log.startsWith(one.log));
  const how = daily ? "One is made each day." : "None is made by itself.";
  if (!newest) return { said: `There is no backup of this server yet. ${how}`, ill: true };
  const age = Math.max(0, now - newest.at);
  return { said: `The newest backup is ${inWords(age / SECOND)} old, ${sizeInWords(newest.bytes)}. ${how}`, ill: age >= OLD_BACKUP };
}

/**
 * What is wrong, worst first; and how many notes and things that are well there are beside.
 * @param {{level: string}[]} findings
 */
export function sorted(findings) {
  const order = ["error", "warning", "note", "ok"];
  return [...findings].sort((one, other) => order.indexOf(one.level) - order.indexOf(other.level));
}

/** @type {Record<string, string>} */
export const LEVELS = { error: "Error", warning: "Warning", note: "Note", ok: "All is well" };
