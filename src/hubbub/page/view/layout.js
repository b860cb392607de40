/**
 * What is shown of a room, from top to bottom: the events as rows, with days and dividers between
 * them. Pure: a row with the same `key` looks the same, also when the log is another one.
 */
import { traitsOf } from "../text/kinds.js";
import { keyOf, listed } from "../text/names.js";
import { safe } from "../text/safe.js";
import { sentenceOf } from "../text/sentences.js";
import { dayName, dayOf } from "../text/when.js";

const GROUP_MS = 5 * 60_000;
const NAMED = 4; // people whose names are all told; of more, one name, and all of them behind a click

/**
 * `events` in order, lines that `wait`, the first event that is new (`divider`, or null), and the
 * event up to which all is hidden (`cleared`). `newest`: whether the last event is the room's last;
 * `ignores(name)`: whether what somebody says is not shown.
 */
export function layout({ events, waiting, divider, cleared, newest, me, ignores }) {
  const rows = [];
  let day = null;
  let before = null; // the said row before, to group with
  let presence = null;
  let divided = divider === null;
  if (events.length && events[0].seq === 1 && cleared === 0) {
    rows.push({ key: "begin", kind: "begin" });
  }
  // A day may come twice, if a clock was wrong for a while; and at midnight "Today" becomes "Yesterday".
  const breaks = ({ at, seq }) => {
    if (dayOf(at) === day) return;
    day = dayOf(at);
    rows.push({ key: `day${seq}.${day}.${dayName(at)}`, kind: "day", at });
    before = presence = null;
  };
  for (const event of events) {
    if (event.seq <= cleared) continue;
    const { line, message: said } = traitsOf(event);
    if (!line || event.now) continue; // a new name is told with the coming of who has it
    if (said && ignores(event.by)) continue;
    breaks(event);
    if (!divided && said && event.seq >= divider) {
      divided = true;
      if (rows.some(({ kind }) => kind === "said" || kind === "presence" || kind === "notice")) {
        rows.push({ key: "new", kind: "new" });
      }
      before = presence = null;
    }
    if (!said) {
      before = null;
      if (sentenceOf(event)) {
        presence = null;
        rows.push({ key: `n${event.seq}.${event.at}`, kind: "notice", event });
        continue;
      }
      if (!presence) rows.push((presence = { kind: "presence", seq: event.seq, events: [] }));
      presence.events.push(event);
      presence.key = `p${presence.seq}-${event.seq}.${event.at}`;
      continue;
    }
    presence = null;
    const head = !before || opens(event, before);
    rows.push({ key: `s${event.seq}.${event.at}${head ? "h" : ""}`, kind: "said", seq: event.seq, event, head });
    before = event;
  }
  if (newest) {
    for (const line of waiting) {
      // It sets no day: when it is saved it has another time, which the server gives it.
      const event = { by: me, at: line.at, reply_to: line.reply?.seq };
      const head = !before || opens(event, before);
      const state = line.why ? "failed" : "waiting";
      rows.push({ key: `${state}${line.nonce}${head ? "h" : ""}`, kind: state, line, head });
      before = event;
    }
  }
  return rows;
}

function opens(event, before) {
  const other = keyOf(event.by) !== keyOf(before.by) || (event.by_id ?? before.by_id) !== (before.by_id ?? event.by_id);
  return other || Boolean(event.reply_to) || Math.abs(event.at - before.at) > GROUP_MS;
}

/**
 * What happened, for each person as it was in the end: {names, did}, in the order in which it is told. Who came
 * and took another name has come by that name.
 */
export function comings(events) {
  const first = new Map();
  const last = new Map();
  const former = new Map(); // what who was there before goes by: from, to
  for (const event of events) {
    const key = keyOf(event.by);
    if (event.now) continue; // told with the coming of the new name
    const was = event.was && keyOf(event.was);
    if (was && !first.has(was)) {
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
  // Not "came back": the name may be somebody else’s by now.
  const told = { joined: [], left: [], "left and joined": [], "joined and left": [] };
  for (const [key, { by, kind }] of last) {
    const came = first.get(key).kind === "joined";
    told[came === (kind === "joined") ? kind : came ? "joined and left" : "left and joined"].push(by);
  }
  const renamed = [...former.values()].map(([from, to]) => ({ names: [from], did: "is now", to }));
  const others = Object.entries(told).map(([did, names]) => ({ names, did }));
  return [...renamed, ...others.filter(({ names }) => names.length)];
}

/** That in words; of many people it names one, unless it is to name them `all`. */
export function wordsOf(happened, all) {
  const renamed = happened.filter(({ to }) => to);
  const others = happened.filter(({ to }) => !to);
  const many = !all && renamed.length > NAMED;
  const names = many ? [`${renamed.length.toLocaleString()} people have new names`] : renamed.map(isNow);
  const told = (people) => listed(people.map(safe), all || people.length <= NAMED ? people.length : 1);
  return [...names, ...others.map((one) => `${told(one.names)} ${one.did}`)].join(" · ");
}

/** Whether not all people are named in these words. */
export function namesMore(happened) {
  return happened.filter(({ to }) => to).length > NAMED || happened.some(({ names }) => names.length > NAMED);
}

function isNow({ names, to }) {
  const [from] = names;
  return `${safe(from)} ${from === to ? "has the old name again" : `is now ${safe(to)}`}`;
}
