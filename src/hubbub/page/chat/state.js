/** The state of a room, a fold over its events, as in hubbub/domain/state.py; both pass tests/vectors/fold.json. */
import { isMessage } from "../text/kinds.js";
import { keyOf } from "../text/names.js";

/**
 * @typedef {import("../text/kinds.js").LogEvent} LogEvent
 * @typedef {import("../text/kinds.js").Role} Role
 * @typedef {{seq: number, by: string, user: string, user_id?: string, pattern?: boolean, network?: string, until?: number, reason?: string}} Ban
 * @typedef {{seq: number, kind: string, at: number, by: string, by_id?: string, text?: string, about?: number, user?: string, user_id?: string, reply_to?: number, reason?: string}} QueueItem
 *   what waits for the moderators of a room, as number `seq`
 * @typedef {{id: string, by: string, by_id?: string, uses?: number, until?: number, user?: string, user_id?: string, factor?: boolean}} Ticket
 *   what lets somebody come in, make an account or choose a password, once if it does not say how often
 * @typedef {{seq: number, at: number, by: string, user: string, of: string, user_id?: string, pattern?: boolean, by_id?: string}} Exemption
 *   for whom bans do not hold, or who comes in without an invitation
 */

const RULES = /** @type {const} */ ([
  ...["access", "speak", "slow", "guests", "history", "archived", "newcomers", "keep_days"],
  ...["topics", "outside", "most", "signals"],
]);

const MAX_FORMER = 20; // beside the first one
const MAX_TRUSTED = 1000;
const MAX_PINS = 100;
const MAX_LABELS = 10;

/**
 * What changes make of labels. Of too many, those that are new are left out.
 * @param {Record<string, string>} labels
 * @param {Record<string, string | null>} changes
 */
function labelled(labels, changes) {
  const after = new Map([...Object.entries(labels), ...Object.entries(changes)]);
  const kept = /** @type {[string, string][]} */ ([...after].filter(([, value]) => value !== null));
  return Object.fromEntries(kept.slice(0, Math.max(MAX_LABELS, Object.keys(labels).length)));
}

/** @type {Record<string, (state: RoomState, event: LogEvent) => void>} */
const CHANGES = {
  joined(state, { seq, by, by_id, role, since, passing, was_id }) {
    enter(state, by, by_id, since ?? seq);
    if (!by_id) return;
    state.invited.delete(by_id);
    if (role && seq === 1) setRole(state, by_id, role, passing); // of two who make it at once, the first
    else if (was_id && was_id !== by_id && state.passing.includes(was_id)) {
      const kept = state.roles.get(was_id);
      setRole(state, was_id, "member");
      if (!state.roles.has(by_id)) setRole(state, by_id, kept, true); // else they have one by their account, for good
    }
  },
  left(state, { by, by_id, now }) {
    state.members.delete(keyOf(by));
    if (by_id && !now && state.passing.includes(by_id)) setRole(state, by_id, "member");
  },
  kicked(state, { user = "", user_id }) {
    putOut(state, user);
    if (!user_id) return;
    state.invited.delete(user_id);
    if (state.passing.includes(user_id)) setRole(state, user_id, "member");
  },
  topic(state, { at, by, by_id = null, topic = "" }) {
    Object.assign(state, { topic, silent: false, topic_by: by, topic_by_id: by_id, topic_at: at });
  },
  rules(state, event) {
    const named = RULES.filter((rule) => (event[rule] ?? null) !== null);
    Object.assign(state, Object.fromEntries(named.map((rule) => [rule, event[rule]])));
    if (event.labels) state.labels = labelled(state.labels, event.labels);
  },
  trimmed(state, { floor = 0 }) {
    state.floor = Math.max(state.floor, floor);
    state.pins = state.pins.filter((pin) => pin > state.floor);
  },
  pinned(state, { target, on = true }) {
    const others = state.pins.filter((pin) => pin !== target);
    state.pins = on && target ? [...others, target].slice(-MAX_PINS) : others;
  },
  redacted: (state, { target }) => {
    state.pins = state.pins.filter((pin) => pin !== target);
  },
  "room-renamed": (state, { was }) => {
    const [first, ...later] = new Set([...state.former, was ?? ""]);
    state.former = [first, ...later.slice(-MAX_FORMER)];
  },
  direct(state, { seq, users = [], ids = [] }) {
    state.access = "direct";
    state.direct = ids;
    for (const [place, user] of users.entries()) if (ids[place]) enter(state, user, ids[place], seq);
  },
  invited(state, { user = "", user_id, ticket }) {
    if (!user_id) return;
    state.invited.set(user_id, user);
    use(state, ticket);
  },
  "invitation-ended": (state, { user_id }) => user_id && state.invited.delete(user_id),
  filter(state, { pattern, on = true }) {
    const rest = state.filters.filter((one) => one !== pattern);
    state.filters = on ? [...rest, String(pattern)] : rest;
  },
  trusted(state, { user_id, user = "" }) {
    if (!user_id) return;
    state.trusted.delete(user_id);
    state.trusted.set(user_id, user);
    if (state.trusted.size > MAX_TRUSTED) state.trusted.delete([...state.trusted.keys()][0]);
  },
  queued(state, { seq, item, at, by, by_id, text, about, user, user_id, reply_to, reason }) {
    const more = told({ by_id, text: text || null, about, user, user_id, reply_to, reason });
    state.queue = [...state.queue, { seq, kind: item ?? "", at, by, ...more }];
  },
  settled(state, { queued }) {
    state.queue = state.queue.filter(({ seq }) => seq !== queued);
  },
  role(state, { user_id, role, passing }) {
    if (!user_id) return;
    setRole(state, user_id, role, passing);
    endFor(state, user_id);
  },
  muted(state, { at, user = "", user_id, until = null }) {
    if (!user_id) return;
    for (const [other, end] of state.muted) if (end !== null && end <= at) unmute(state, other);
    state.muted.set(user_id, until);
    state.muted_names.set(user_id, user);
  },
  unmuted: (state, { user_id }) => user_id && unmute(state, user_id),
  banned(state, event) {
    const ban = banIn(event);
    const others = state.bans.filter((one) => !isOver(one, event.at) && whom(one) !== whom(ban));
    state.bans = [...others, ban];
    if (ban.user_id) {
      state.invited.delete(ban.user_id);
      setRole(state, ban.user_id, "member");
    }
    if (!ban.pattern) putOut(state, ban.user);
  },
  unbanned(state, { ban }) {
    state.bans = state.bans.filter(({ seq }) => seq !== ban);
  },
  exempted(state, { seq, at, by, by_id, user = "", user_id, of = "", pattern, on = true }) {
    const exempt = { seq, at, by, user, of, ...told({ user_id, pattern: pattern ? true : null, by_id }) };
    const which = (/** @type {Exemption} */ one) => `${one.of} ${whom(one)}`;
    const others = state.exemptions.filter((one) => which(one) !== which(exempt));
    state.exemptions = on ? [...others, exempt] : others;
  },
  ticket(state, { at, by, by_id, ticket = "", uses = 1, until, user, user_id, factor }) {
    const more = told({ by_id, uses: uses > 1 ? uses : null, until, user, user_id, factor: factor || null });
    const lasting = state.tickets.filter((one) => one.until === undefined || one.until > at);
    state.tickets = [...lasting, { id: ticket ?? "", by, ...more }];
  },
  "ticket-ended": (state, { ticket }) => {
    state.tickets = state.tickets.filter(({ id }) => id !== ticket);
  },
  password(state, { by_id, ticket }) {
    use(state, ticket);
    endFor(state, by_id);
  },
  registered(state, { seq, at, by, by_id, ticket }) {
    state.directory = true;
    use(state, ticket);
    enter(state, by, by_id, seq, { registered: at });
  },
  profile(state, { seq, by, by_id, profile }) {
    const { registered } = state.members.get(keyOf(by))?.profile ?? {};
    enter(state, by, by_id, seq, { ...profile, ...(registered && { registered }) });
  },
  renamed(state, { seq, by, by_id, now }) {
    const before = state.members.get(keyOf(by));
    state.members.delete(keyOf(by));
    enter(state, now ?? by, by_id, seq, undefined, before);
  },
  forgotten(state, { by_id }) {
    // Who has left by an event that has another name by now.
    for (const [key, { id }] of state.members) if (by_id && id === by_id) state.members.delete(key);
  },
  closed(state, { by, by_id }) {
    state.members.delete(keyOf(by));
    if (by_id) setRole(state, by_id, "member");
    endFor(state, by_id);
  },
};

/**
 * Somebody has that role from now on; `passing`: for as long as they are in the room.
 * @param {RoomState} state
 * @param {string} user
 * @param {Role | null | undefined} role
 * @param {boolean} [passing]
 */
function setRole(state, user, role, passing = false) {
  state.passing = state.passing.filter((other) => other !== user);
  state.roles.delete(user);
  if (!role || role === "member") return;
  state.roles.set(user, role);
  if (passing) state.passing.push(user);
}

/**
 * The tickets by which a user chooses a password are over.
 * @param {RoomState} state
 * @param {string | null | undefined} user
 */
function endFor(state, user) {
  if (user) state.tickets = state.tickets.filter(({ user_id }) => user_id !== user);
}

/**
 * Somebody is a member. `seq`: the event, with which they became one unless they were one under that name, or `before`.
 * @type {(state: RoomState, name: string, id: string | null | undefined, seq: number, profile?: Member["profile"], before?: Member) => void}
 */
function enter(state, name, id = null, seq, profile, before = state.members.get(keyOf(name))) {
  const same = before?.id === id ? before : undefined;
  const more = told({ since: (same ? same.since : seq) || null, profile: profile ?? same?.profile });
  state.members.set(keyOf(name), { name, id, ...more });
}

/**
 * @param {RoomState} state
 * @param {string} id
 */
function unmute(state, id) {
  state.muted.delete(id);
  state.muted_names.delete(id);
}

/**
 * A ticket was used once.
 * @param {RoomState} state
 * @param {string | null | undefined} ticket
 */
function use(state, ticket) {
  if (!ticket) return;
  state.tickets = state.tickets.flatMap((one) => {
    if (one.id !== ticket) return [one];
    const { uses = 1, ...rest } = one;
    return uses > 2 ? [{ ...rest, uses: uses - 1 }] : uses === 2 ? [rest] : [];
  });
}

/**
 * What of it is told.
 * @param {Record<string, unknown>} fields
 */
const told = (fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));

/**
 * Somebody is not in the room any more. Who is put out of the server still has an account.
 * @param {RoomState} state
 * @param {string} user
 */
function putOut(state, user) {
  if (!state.directory) state.members.delete(keyOf(user));
}

/**
 * The ban in an event, with what is told of it.
 * @param {LogEvent} event
 * @returns {Ban}
 */
function banIn({ seq, by, user = "", user_id, pattern, network, until, reason }) {
  return { seq, by, user, ...told({ user_id, pattern, network, until, reason }) };
}

/** @type {(ban: Ban, now: number) => boolean} */
const isOver = ({ until }, now) => until !== undefined && until <= now;

/**
 * Whom a ban is about, or an exemption: a later one about the same takes its place.
 * @param {Ban | Exemption} one
 */
const whom = ({ user, user_id, pattern }) => `${Boolean(pattern)} ${user_id ?? user}`;

/**
 * A member of a room. `id`: null where the server does not tell it. `since`: the event with which they became one.
 * @typedef {{name: string, id: string | null, since?: number, profile?: import("../text/kinds.js").Profile}} Member
 */

/**
 * A room after the event `head`, which was at the time `at`. `silent`: it has no message yet. `members`: by the
 * keys of their names, which are unique in a room at any moment; after a renaming a user is here under both names
 * until the former one has left. What else holds in it goes by users' ids.
 */
export class RoomState {
  access = "open";
  speak = "all";
  slow = 0; // seconds between two texts of one user
  guests = true;
  history = "all";
  archived = false;
  newcomers = "free";
  keep_days = 0;
  topics = "all"; // who may say what the room is about
  topic_by = ""; // who has
  /** @type {string | null} */
  topic_by_id = null;
  topic_at = 0;
  outside = true; // who is not in the room may say something in it
  most = 0; // people who may be in it; 0: no limit
  signals = true; // programs may tell programs something there
  /** @type {Record<string, string>} what programs say of the room, by names that they agree on */
  labels = {};
  made = 0; // when it was made (ms); 0: not known
  floor = 0; // up to this number, the events are gone
  /** @type {number[]} the messages that are pinned, the newest pin last */
  pins = [];
  /** @type {string[]} patterns of what may not be said */
  filters = [];
  /** @type {Map<string, string>} who is no newcomer any more, with the names of that time */
  trusted = new Map();
  /** @type {QueueItem[]} of the queue of a room */
  queue = [];
  /** @type {Map<string, Role>} */
  roles = new Map();
  /** @type {string[]} who of them has theirs for as long as they are in the room */
  passing = [];
  /** @type {Exemption[]} */
  exemptions = [];
  /** @type {Map<string, number | null>} until when (ms); null: until somebody allows it */
  muted = new Map();
  /** @type {Map<string, string>} the names of that time of those */
  muted_names = new Map();
  /** @type {Ban[]} */
  bans = [];
  /** @type {Map<string, string>} who may become a member, with the names of that time */
  invited = new Map();
  /** @type {string[]} whose direct conversation it is */
  direct = [];
  /** @type {string[]} its first name, and the last ones before this */
  former = [];
  /** @type {Ticket[]} those that are good, or were until their time was over */
  tickets = [];
  directory = false; // it is the server's own log, whose members are the accounts

  /** @param {{head?: number, at?: number | null, silent?: boolean, topic?: string, users?: string[], pins?: number[]}} [known] */
  constructor({ head = 0, at = null, silent = true, topic = "", users = [], pins = [] } = {}) {
    this.head = head;
    this.at = at;
    this.silent = silent;
    this.topic = topic;
    this.pins = pins;
    this.members = new Map(users.map((name) => [keyOf(name), /** @type {Member} */ ({ name, id: null })]));
  }

  /**
   * Takes the next event of the log.
   * @param {LogEvent} event
   */
  apply(event) {
    this.head = event.seq;
    this.at = event.at;
    if (event.seq === 1) this.made = event.at;
    if (isMessage(event)) this.silent = false;
    else if (Object.hasOwn(CHANGES, event.kind)) CHANGES[event.kind](this, event);
  }
}
