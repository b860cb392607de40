/** A card about somebody: what they say of themselves, and since when they are here. */
import { hueOf, initialOf, keyOf } from "../text/names.js";
import { safe } from "../text/safe.js";
import { ago, dayName, fullTimeOf, isoOf } from "../text/when.js";
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";

/** @typedef {import("../text/kinds.js").Role} Role */

/** @type {Partial<Record<Role, string>>} */
const ON_SERVER = { owner: "owner of this server", moderator: "administrator of this server" };
/** @type {Partial<Record<Role, string>>} */
const IN_ROOM = { owner: "owner of this room", moderator: "moderator of this room", voice: "has a voice in this room" };

/**
 * @param {object} given
 * @param {import("../chat/profile.js").Profile} given.profile
 * @param {string} given.name
 * @param {string} given.user the user's own name
 * @param {Role} given.role in the room that is shown
 * @param {(() => void) | null} given.message begins a conversation; null: this server has none
 * @param {() => void} given.edit shows what the user says of themselves
 */
export async function showPerson({ profile, name, user, role, message, edit }) {
  const facts = el("div", { "aria-live": "polite" }, el("p", { class: "quiet" }, "Looking…"));
  const face = el("span", { class: "face", "data-hue": hueOf(name), "aria-hidden": "true" }, initialOf(name));
  const me = keyOf(name) === keyOf(user);
  const act = me ? profile.there && edit : message;
  const button = act && el("button", { type: "button" }, me ? "Your profile…" : "Message");
  const dialog = openDialog(safe(name), el("div", { class: "scrolls person" }, face, facts, button && el("p", {}, button)));
  if (button) {
    button.addEventListener("click", () => {
      dialog.close();
      act();
    });
  }
  try {
    const known = await profile.whois(name);
    facts.replaceChildren(...told(known, role));
  } catch (error) {
    facts.replaceChildren(el("p", { class: "problem" }, /** @type {Error} */ (error).message));
  }
}

/**
 * @param {import("../chat/profile.js").Person} person
 * @param {Role} role
 */
function told({ here, account, role: onServer = "member", registered, seen, about, status = "here", note }, role) {
  const roles = [ON_SERVER[onServer], IN_ROOM[role]].filter(Boolean).join(", ");
  /** @type {[string, string | Node | undefined | null | false | 0][]} */
  const rows = [
    ["Status", status !== "here" && el("span", { class: `presence-state ${status}`, dir: "auto" }, safe(note ? `${status}: ${note}` : status))],
    ["Here", here ? "now" : seen ? el("time", { datetime: isoOf(seen), title: fullTimeOf(seen) }, lastHere(seen)) : "not now"],
    ["Account since", account && registered && el("time", { datetime: isoOf(registered), title: fullTimeOf(registered) }, dayName(registered))],
    ["Account", !account && "none: a guest"],
    ["Role", roles],
  ];
  return [
    about && el("p", { dir: "auto", class: "about" }, safe(about)),
    el("dl", { class: "keys" }, ...rows.filter(([, value]) => value).map(([term, value]) => el("div", {}, el("dt", {}, term), el("dd", {}, value)))),
  ].filter((one) => one instanceof Element);
}

/** @param {number} seen */
function lastHere(seen) {
  const when = ago(seen);
  return when === "now" ? "a moment ago" : `last: ${when}`;
}
