/** Who is banned, muted or exempt, and what was done by those who keep a room, or the whole server, in order. */
import { inWords } from "../text/durations.js";
import { TRAITS } from "../text/kinds.js";
import { safe } from "../text/safe.js";
import { sentenceOf } from "../text/sentences.js";
import { fullTimeOf, isoOf } from "../text/when.js";
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";

const SECOND = 1000; // ms
const MINUTE = 60; // s
const MOST_SHOWN = 500; // of each

/**
 * @typedef {import("../chat/moderating.js").Moderating} Moderating
 * @typedef {import("../chat/moderating.js").Ban} Ban
 */

/**
 * Who is banned from a room, muted in it or exempt, each with a button that ends that. `load` fetches it.
 * @param {Moderating} moderating
 * @param {string} room its name on the server
 */
export function bansPart(moderating, room) {
  const problem = el("p", { class: "problem", role: "alert" });
  const list = el("ul", { role: "list", class: "records", "aria-label": "Bans" }, el("li", {}, "Looking…"));
  const load = async () => {
    let told;
    try {
      told = await moderating.bans(room);
    } catch (error) {
      list.replaceChildren();
      problem.textContent = /** @type {Error} */ (error).message;
      return;
    }
    const bans = told.bans.slice(0, MOST_SHOWN).map((ban) => row(banInWords(ban), `End the ban on ${safe(ban.user)}`, { type: "unban", room, ban: ban.seq }));
    const muted = Object.entries(told.muted ?? {}).slice(0, MOST_SHOWN).map(([user, until]) =>
      row(`${safe(user)} is muted${left(until)}.`, `Let ${safe(user)} speak again`, { type: "unmute", room, user }),
    );
    const exempt = (told.exemptions ?? []).slice(0, MOST_SHOWN).map((one) =>
      row(exemptInWords(one), `End that for ${safe(one.user)}`, { type: "exempt", room, of: one.of, on: false, [one.pattern ? "pattern" : "user"]: one.user }),
    );
    list.replaceChildren(...bans, ...muted, ...exempt);
    if (!list.firstChild) list.append(el("li", {}, "Nobody is."));
  };
  /** @type {(words: string, label: string, command: import("../net/frames.js").Command) => HTMLElement} */
  const row = (words, label, command) => {
    const end = el("button", { type: "button", "aria-label": label }, "End it");
    end.addEventListener("click", async () => {
      end.disabled = true;
      problem.textContent = await moderating.do(command);
      if (problem.textContent) end.disabled = false;
      else end.textContent = "Ended";
    });
    return el("li", {}, el("span", { dir: "auto" }, words), end);
  };
  return { nodes: [problem, list], load };
}

/**
 * Shows that.
 * @param {Moderating} moderating
 * @param {string} room its name on the server
 * @param {string} title what it is called here
 */
export function showBans(moderating, room, title) {
  const { nodes, load } = bansPart(moderating, room);
  openDialog(`Banned or muted: ${title}`, el("div", { class: "scrolls", tabindex: "0", role: "group", "aria-label": "Bans" }, ...nodes));
  load();
}

/** @param {Ban} ban */
function banInWords({ user, by, pattern, network, until, reason }) {
  const who = pattern ? `Guests with names like ${safe(user)}` : `${safe(user)}${network ? ", with guests from the same network" : ""}`;
  return `${who}: banned by ${safe(by)}${left(until)}${reason ? `: ${safe(reason)}` : "."}`;
}

/** @param {import("../chat/moderating.js").Exemption} one */
function exemptInWords({ user, by, of, pattern }) {
  const who = pattern ? `Guests with names like ${safe(user)}` : safe(user);
  return `${who}: ${of === "bans" ? "exempt from bans" : "let in without an invitation"} by ${safe(by)}.`;
}

/** @param {number | null | undefined} until */
function left(until) {
  if (typeof until !== "number") return "";
  const seconds = Math.max(1, (until - Date.now()) / SECOND);
  return ` for ${inWords(seconds > MINUTE ? Math.ceil(seconds / MINUTE) * MINUTE : seconds)} more`;
}

/**
 * What was done, the newest first, a page at a time. `load` fetches the first one.
 * @param {Moderating} moderating
 * @param {string} room
 */
export function auditPart(moderating, room) {
  const problem = el("p", { class: "problem", role: "alert" });
  const list = el("ol", { role: "list", class: "records" });
  const more = el("button", { type: "button" }, "Earlier");
  const look = async (/** @type {number | null} */ before) => {
    more.disabled = true;
    try {
      const { events, first } = await moderating.audit(room, before);
      for (const event of [...events].reverse()) {
        const words = sentenceOf(event) ?? (TRAITS.has(event.kind) ? null : `${safe(event.by)}: ${safe(event.kind)}`);
        if (words) list.append(record(event, words));
      }
      more.hidden = !first || first <= 1;
      more.onclick = () => look(first ?? null);
      problem.textContent = "";
    } catch (error) {
      problem.textContent = /** @type {Error} */ (error).message;
      more.onclick = () => look(before);
    }
    more.disabled = false;
    if (more.hidden && !list.firstChild && !problem.textContent) list.append(el("li", {}, "Nothing was done so far."));
  };
  return { nodes: [list, problem, el("p", {}, more)], load: () => look(null) };
}

/**
 * Shows that.
 * @param {Moderating} moderating
 * @param {string} room
 * @param {string} title
 */
export function showAudit(moderating, room, title) {
  const { nodes, load } = auditPart(moderating, room);
  openDialog(`What was done: ${title}`, el("div", { class: "scrolls", tabindex: "0", role: "group", "aria-label": "Record" }, ...nodes));
  load();
}

/**
 * @param {import("../text/kinds.js").LogEvent} event
 * @param {string} words
 */
function record(event, words) {
  return el("li", {}, el("span", { dir: "auto" }, words), el("time", { datetime: isoOf(event.at) }, fullTimeOf(event.at)));
}
