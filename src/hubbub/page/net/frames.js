/**
 * The shapes of the server's frames. One that has another shape, or is larger, is left out (hubbub/domain/told.py).
 *
 * @typedef {{text: number, line: number, rate: number, burst: number, rooms: number, history: number, lines?: number | null, edit?: number | null}} Limits
 * @typedef {{type: string, re?: unknown, [field: string]: any}} Frame from the server; its fields are as in FRAMES
 * @typedef {{type: string, [field: string]: unknown}} Command to the server
 * @typedef {import("./shapes.js").Shape} Shape
 */
import { bool, byName, count, emoji, id, key, list, maybe, name, number, object, oneOf, text, time, words } from "./shapes.js";

const MOST_CHARS = 16 * 1024 * 1024; // of a frame
const MOST_FEATURES = 1000;
const MOST_IN_TALK = 100; // people of a direct conversation
const MOST_REACTIONS = 200; // kinds of them under one message
const MOST_FILES = 100; // of one message
const MOST_PINS = 2000;
const MOST_DEPTH = 6;

const unread = { read: maybe(count), unread: maybe(count), mentions: maybe(count) };
const by = { by: name, by_id: maybe(id) };
const happened = object({ kind: words, seq: count, at: time, ...by, was: maybe(name), now: maybe(name) });
const quote = maybe(object({ ...by, text }));
const reaction = object({ emoji, users: list(name), ids: list(id) });
const file = object({
  id: key,
  name,
  size: count,
  type: words,
  alt: maybe(text),
  width: maybe(count),
  height: maybe(count),
  animated: maybe(bool),
  thumbnail: maybe(bool),
});
const said = object({
  text,
  reply_to: maybe(count),
  quote,
  rev: maybe(count),
  moved: maybe(bool),
  files: maybe(list(file, MOST_FILES)),
  edited_at: maybe(time),
  redacted: maybe(object({ at: time, ...by })),
  reactions: maybe(list((value) => reaction(value) && value.users.length === value.ids.length, MOST_REACTIONS)),
  replies: maybe(count),
  notice: maybe(bool),
});
const about = { user: name, user_id: maybe(id) };
const reason = maybe(text);
const until = maybe(time);
const ban = { ...about, pattern: maybe(bool), network: maybe(key), until, reason };
const ticket = object({
  id: key,
  by: name,
  uses: maybe(count),
  by_id: maybe(id),
  until,
  user: maybe(name),
  user_id: maybe(id),
  factor: maybe(bool),
});
const newcomers = oneOf(["free", "careful", "held"]);
const status = oneOf(["here", "away", "busy"]);
const profile = object({
  registered: maybe(time),
  about: maybe(text),
  status: maybe(status),
  note: maybe(text),
  hides_seen: maybe(bool),
  blocked: maybe(byName(name)),
  labels: maybe(byName(words)),
  accounts_only: maybe(bool),
  accepted: maybe(byName(name)),
});
const asked = oneOf(["report", "held", "knock"]);
const queued = { text: maybe(text), about: maybe(count), user: maybe(name), user_id: maybe(id), reply_to: maybe(count), reason };
const rules = {
  access: maybe(oneOf(["open", "unlisted", "locked", "members", "direct"])),
  speak: maybe(oneOf(["all", "members", "voices"])),
  slow: maybe(count),
  guests: maybe(bool),
  history: maybe(oneOf(["all", "since"])),
  archived: maybe(bool),
  newcomers: maybe(newcomers),
  keep_days: maybe(count),
  topics: maybe(oneOf(["all", "moderators"])),
  outside: maybe(bool),
  most: maybe(count),
  signals: maybe(bool),
  labels: maybe(byName(maybe(words))),
};
const exempt = { ...about, of: oneOf(["bans", "invitations"]), pattern: maybe(bool) };
const origins = { topic_by: maybe(name), topic_at: maybe(time), made: maybe(time) };
const role = oneOf(["member", "voice", "moderator", "owner"]);
/** @type {Record<string, Shape>} */
const DETAILS = {
  said,
  joined: object({ role: maybe(role), since: maybe(count), passing: maybe(bool), was_id: maybe(id) }),
  left: object({ gone: maybe(bool), reason }),
  kicked: object({ ...about, reason }),
  topic: object({ topic: text }),
  rules: object({ ...rules, password: maybe(bool) }),
  "room-renamed": object({ name, was: name }),
  direct: object({ users: list(name, MOST_IN_TALK), ids: list(id, MOST_IN_TALK) }),
  invited: object({ ...about, ticket: maybe(key) }),
  role: object({ ...about, role, passing: maybe(bool) }),
  lent: object(about),
  muted: object({ ...about, until, reason }),
  unmuted: object(about),
  banned: object(ban),
  unbanned: object({ ...about, ban: count }),
  exempted: object({ ...exempt, on: maybe(bool) }),
  renamed: object({ now: name }),
  closed: object({ emptied: maybe(bool), for_them: maybe(bool) }),
  registered: object({ ticket: maybe(key), sign_on: maybe(bool), for_them: maybe(bool) }),
  password: object({ ticket: maybe(key) }),
  device: object({ device: maybe(key), for_them: maybe(bool) }),
  factor: object({ on: bool }),
  "sign-on": object({ on: bool, way: maybe(oneOf(["provider", "certificate", "scram"])) }),
  ticket: object({ ticket: key, uses: maybe(count), until, user: maybe(name), user_id: maybe(id), factor: maybe(bool) }),
  "ticket-ended": object({ ticket: key }),
  "room-deleted": object({ room: name }),
  "invitation-ended": object(about),
  forgotten: object({ emptied: maybe(bool) }),
  trimmed: object({ floor: count }),
  profile: object({ profile }),
  filter: object({ pattern: text, on: maybe(bool) }),
  trusted: object(about),
  queued: object({ ...queued, item: asked }),
  settled: object({ queued: count, approved: maybe(bool) }),
  edited: object({ target: count, text }),
  redacted: object({ target: count, author: maybe(name), author_id: maybe(id), reason }),
  reacted: object({ target: count, emoji, on: maybe(bool), quote, count: maybe(count) }),
  pinned: object({ target: count, on: maybe(bool), quote }),
};
const events = list((event) => happened(event) && (!Object.hasOwn(DETAILS, event.kind) || DETAILS[event.kind](event)));
const limits = { text: count, line: count, rate: number, burst: count, rooms: count, history: count, lines: maybe(count), edit: maybe(number) };

const standing = object({
  ...rules,
  role: maybe(role),
  owned: maybe(bool),
  muted: maybe(bool),
  roles: maybe(byName(role)),
  people: maybe(list(name)),
  newcomer: maybe(bool),
  waiting: maybe(count),
  pins: maybe(list(count, MOST_PINS)),
});

/** As in hubbub/domain/replies.py. */
const FRAMES = {
  welcome: {
    user: name,
    user_id: maybe(id),
    account: maybe(bool),
    role: maybe(role),
    token: maybe(words),
    server: words,
    log: words,
    limits: object(limits),
    features: maybe(list(words, MOST_FEATURES)),
    profile: maybe(profile),
  },
  rooms: {
    rooms: list(
      object({
        name,
        users: count,
        head: count,
        at: maybe(time),
        topic: maybe(words),
        access: rules.access,
        people: maybe(list(name)),
        invited: maybe(bool),
        ...unread,
      }),
    ),
    next: maybe(words),
    total: maybe(count),
  },
  joined: {
    room: name,
    users: list(name),
    head: count,
    after: count,
    at: maybe(time),
    topic: maybe(words),
    standing: maybe(standing),
    ...origins,
    ...unread,
  },
  standing: { room: name, standing },
  moved: { room: name, name },
  invitation: { room: name, by: name },
  warning: { message: words },
  announcement: { by: name, text: words },
  here: {
    people: list(
      object({
        user: name,
        here: bool,
        user_id: maybe(id),
        account: maybe(bool),
        role: maybe(role),
        status: maybe(status),
        note: maybe(words),
      }),
    ),
  },
  direct: { room: name, users: list(name), head: count, new: maybe(bool) },
  done: {},
  devices: {
    devices: list(
      object({
        id: words,
        client: words,
        address: words,
        since: time,
        seen: time,
        current: maybe(bool),
        connected: maybe(count),
      }),
    ),
  },
  factor: { secret: words, uri: words },
  "recovery-codes": { codes: list(words) },
  ticket: { room: name, code: words, ticket },
  tickets: { room: name, tickets: list(ticket) },
  bans: {
    room: name,
    bans: list(object({ ...ban, ...by, seq: count })),
    muted: maybe(byName(maybe(time))),
    exemptions: maybe(list(object({ ...exempt, ...by, seq: count, at: time }))),
    filters: maybe(list(text)),
    invited: maybe(list(name)),
  },
  queue: { room: name, items: list(object({ ...queued, seq: count, kind: asked, at: time, ...by })) },
  person: {
    user: name,
    user_id: maybe(id),
    here: maybe(bool),
    account: maybe(bool),
    role: maybe(role),
    registered: maybe(time),
    seen: maybe(time),
    about: maybe(words),
    status: maybe(status),
    note: maybe(words),
  },
  presence: { room: name, user: name, here: maybe(bool), status: maybe(status), note: maybe(words) },
  profile: { profile, role: maybe(role) },
  left: { room: name },
  deleted: { room: name },
  events: { room: name, events },
  history: { room: name, events, head: count, first: maybe(count), last: maybe(count) },
  messages: { room: name, events, head: count, more: maybe(bool) },
  versions: { room: name, target: count, versions: list(object({ at: time, text })) },
  ack: { room: name, seq: count, at: time, nonce: maybe(words) },
  who: { room: name, users: list(name), roles: maybe(byName(role)), away: maybe(list(name)), status: maybe(byName(status)), ...origins, standing: maybe(standing) },
  read: { room: name, seq: count, unread: maybe(count), mentions: maybe(count) },
  found: {
    results: list(object({ room: name, seq: count, at: time, ...by, excerpt: list(text), reply_to: maybe(count) })),
    next: maybe(words),
    behind: maybe(count),
  },
  typing: { room: name, by: name },
  pong: { user_id: maybe(id) },
  error: {
    code: words,
    message: words,
    suggestion: maybe(words),
    sign_on: maybe(words),
    retry_after: maybe(number),
    room: maybe(name),
    nonce: maybe(words),
  },
  bye: { reason: words, message: words, reconnect: maybe(number) },
};
const SHAPES = new Map(Object.entries(FRAMES).map(([type, shapes]) => [type, object(shapes)]));

/**
 * The frame in a message, or null.
 * @param {unknown} data
 * @returns {Frame | null}
 */
export function frameOf(data) {
  if (typeof data !== "string" || data.length > MOST_CHARS) return null;
  let frame;
  try {
    frame = JSON.parse(data);
  } catch {
    return null;
  }
  return SHAPES.get(frame?.type)?.(frame) && isShallow(frame, 0) ? frame : null;
}

/**
 * Whether it is not nested so deeply that keeping or copying it could fail.
 * @param {unknown} value
 * @param {number} depth
 * @returns {boolean}
 */
function isShallow(value, depth) {
  if (value === null || typeof value !== "object") return true;
  return depth < MOST_DEPTH && Object.values(value).every((one) => isShallow(one, depth + 1));
}
