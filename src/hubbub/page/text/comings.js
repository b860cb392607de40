/**
 * Joins, leaves and new names as sentences: what became of each person, not each single event.
 *
 * @typedef {import("./kinds.js").LogEvent} LogEvent
 * @typedef {{names: string[], did: string, to?: string, reason?: string}} Coming people, what they did, the new name of somebody who was renamed, and why somebody has left
 */
import { keyOf, listed } from "./names.js";
import { safe } from "./safe.js";

const MAX_NAMED = 4; // people who are all named; of more, one is named and the others are counted

/**
 * What happened to each person from the first of these events to the last, in the order in which it is shown.
 * A person who joined and then took another name has joined by that name.
 * @param {LogEvent[]} events
 * @returns {Coming[]}
 */
export function comings(events) {
  /** @type {Map<string | null | undefined, LogEvent>} */
  const first = new Map();
  /** @type {Map<string | null | undefined, LogEvent>} */
  const last = new Map();
  /** @type {Map<string, [string, string]>} */
  const former = new Map(); // [from, to] of people who were in the room before, by the key of the new name
  for (const event of events) {
    const key = keyOf(event.by);
    if (event.now) continue; // the event of the new name says it
    const was = event.was && keyOf(event.was);
    if (was && event.was && !first.has(was)) {
      const [from] = former.get(was) ?? [event.was];
      former.delete(was);
      former.set(key, [from, event.by]);
      continue;
    }
    const began = first.get(was) ?? event;
    first.delete(was);
    last.delete(was);
    if (!first.has(key)) first.set(key, began);
    last.set(key, event);
  }
  // Not "came back": the name may belong to somebody else by now.
  /** @type {Record<string, string[]>} */
  const told = { joined: [], left: [], "left and joined": [], "joined and left": [] };
  /** @type {Coming[]} */
  let reasons = []; // of those who have left and said why
  for (const [key, { by, kind, reason }] of last) {
    const came = first.get(key)?.kind === "joined";
    told[came === (kind === "joined") ? kind : came ? "joined and left" : "left and joined"].push(by);
    if (!came && kind === "left" && reason) reasons.push({ names: [by], did: "left", reason });
  }
  if (told.left.length > MAX_NAMED) reasons = [];
  told.left = told.left.filter((by) => !reasons.some(({ names }) => names[0] === by));
  const renamed = [...former.values()].map(([from, to]) => ({ names: [from], did: "is now", to }));
  const others = Object.entries(told).map(([did, names]) => ({ names, did }));
  return [...renamed, ...others.filter(({ names }) => names.length), ...reasons];
}

/**
 * What happened, in words. Of many people only one is named, unless `all` are to be.
 * @param {Coming[]} happened
 * @param {boolean} all
 */
export function wordsOf(happened, all) {
  const renamed = happened.filter(({ to }) => to);
  const others = happened.filter(({ to }) => !to);
  const many = !all && renamed.length > MAX_NAMED;
  const names = many ? [`${renamed.length.toLocaleString()} people have new names`] : renamed.map(isNow);
  const told = (/** @type {string[]} */ people) => listed(people.map(safe), all || people.length <= MAX_NAMED ? people.length : 1);
  return [...names, ...others.map((one) => `${told(one.names)} ${one.did}${one.reason ? `: ${safe(one.reason)}` : ""}`)].join(" · ");
}

/**
 * Whether `wordsOf(happened, false)` leaves names out.
 * @param {Coming[]} happened
 */
export function leavesOutNames(happened) {
  return happened.filter(({ to }) => to).length > MAX_NAMED || happened.some(({ names }) => names.length > MAX_NAMED);
}

/** @param {Coming} renamed */
function isNow({ names, to = "" }) {
  const [from] = names;
  return `${safe(from)} ${from === to ? "has the old name again" : `is now ${safe(to)}`}`;
}
