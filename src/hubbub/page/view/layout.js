/**
 * What is shown of a room, from top to bottom: the events as rows, with days and dividers between
 * them. Pure: a row with the same `key` looks the same, also when the log is another one.
 */
import { traitsOf } from "../text/kinds.js";
import { keyOf } from "../text/names.js";
import { dayName, dayOf } from "../text/when.js";

const GROUP_MS = 5 * 60_000;

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
      if (rows.some(({ kind }) => kind === "said" || kind === "presence")) {
        rows.push({ key: "new", kind: "new" });
      }
      before = presence = null;
    }
    if (!said) {
      before = null;
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

/** What happened to each who came or went, by the last of it: names, and [former name, name] of `renamed`. */
export function comings(happened) {
  const renamed = happened.filter(({ was }) => was).map(({ was, by }) => [was, by]);
  const events = happened.filter(({ was }) => !was);
  const first = new Map();
  const last = new Map();
  for (const event of events) {
    const key = keyOf(event.by);
    if (!first.has(key)) first.set(key, event);
    last.set(key, event);
  }
  const names = { renamed, joined: [], left: [], returned: [], visited: [] };
  for (const [key, event] of last) {
    const began = first.get(key);
    if (began.kind === event.kind) names[event.kind].push(event.by);
    else names[event.kind === "joined" ? "returned" : "visited"].push(event.by);
  }
  return names;
}
