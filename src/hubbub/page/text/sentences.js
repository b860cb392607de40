/**
 * Events that are shown as a sentence of their own, as in hubbub/domain/sentences.py; both pass the vectors of
 * tests/vectors/sentences.json. Joins and leaves are not among them: several in a row are one line (comings.js).
 *
 * @typedef {import("./kinds.js").LogEvent} LogEvent
 */
import { inWords } from "./durations.js";
import { safe } from "./safe.js";

/** @type {Record<string, string>} */
const ACCESS = {
  open: "opened the room to everybody",
  unlisted: "taken the room off the lists",
  locked: "locked the room with a password",
  members: "made the room private",
  direct: "made the room a direct conversation",
};
/** @type {Record<string, string>} */
const SPEAK = {
  all: "let everybody speak",
  members: "let only people with an account speak",
  voices: "let only people with a role speak",
};
/** @type {Record<string, string>} */
const HISTORY = {
  all: "shown older messages to newcomers",
  since: "hidden older messages from newcomers",
};
/** @type {Record<string, string>} */
const NEWCOMERS = {
  free: "let newcomers write as everybody else",
  careful: "limited what newcomers write",
  held: "let newcomers' messages wait for a moderator",
};
/** @type {Record<string, string>} */
const TOPICS = {
  all: "let everybody set the topic",
  moderators: "let only moderators set the topic",
};
/** @type {Record<string, (whom: string) => string>} */
const EXEMPTED = {
  "bans true": (whom) => `exempted ${whom} from the bans of the room`,
  "bans false": (whom) => `let the bans of the room hold for ${whom} again`,
  "invitations true": (whom) => `let ${whom} come in without an invitation`,
  "invitations false": (whom) => `let ${whom} come in only with an invitation again`,
};
/** @type {Record<import("./kinds.js").Role, (user: string) => string>} */
const GIVEN = {
  member: (user) => `taken the role of ${user} away`,
  voice: (user) => `given ${user} a voice`,
  moderator: (user) => `made ${user} a moderator`,
  owner: (user) => `made ${user} an owner`,
};
/** @type {Record<import("./kinds.js").Role, string>} */
const TAKEN = {
  member: "given up their role",
  voice: "taken a voice",
  moderator: "become a moderator",
  owner: "become an owner",
};

/** @type {Record<string, (event: LogEvent) => string | null>} */
const SENTENCES = {
  edited: ({ by, text }) => `${safe(by)} has changed a message${what(text)}`,
  redacted({ by, by_id, author, author_id, reason }) {
    const own = isSet(author_id) ? author_id === by_id : author === by;
    return `${safe(by)} has taken back a message${own || !author ? "" : ` of ${safe(author)}`}${why(reason)}`;
  },
  reacted({ by, emoji = "", on = true, count, quote }) {
    const others = on ? (count ?? 1) - 1 : 0;
    const who = others > 0 ? `and ${others} ${others === 1 ? "other" : "others"} react` : on ? "reacts" : "no longer reacts";
    const whom = quote ? (quote.text ? `${safe(quote.by)}: ${safe(quote.text)}` : `a message of ${safe(quote.by)}.`) : "a message.";
    return `${safe(by)} ${who} with ${safe(emoji)} to ${whom}`;
  },
  pinned: ({ by, on = true, quote }) =>
    `${safe(by)} has ${on ? "" : "un"}pinned a message${quote ? ` of ${safe(quote.by)}${what(quote.text)}` : "."}`,
  topic: ({ by, topic }) =>
    topic ? `${safe(by)} has set the topic: ${safe(topic)}` : `${safe(by)} has taken the topic away.`,
  kicked: ({ user = "", by, reason }) => `${safe(user)} was put out of the room by ${safe(by)}${why(reason)}`,
  rules: (event) => `${safe(event.by)} has ${listed(clauses(event))}.`,
  "room-renamed": ({ by, was, name = "" }) => `${safe(by)} has renamed the room from ${safe(was ?? "")} to ${safe(name)}.`,
  // Who comes in with a password or a link has invited themselves: that they have come is enough.
  invited: ({ user = "", by }) => (user === by ? null : `${safe(user)} was invited by ${safe(by)}.`),
  "invitation-ended": ({ user = "", by }) => `${safe(by)} has taken back the invitation of ${safe(user)}.`,
  filter: ({ by, on = true }) => `${safe(by)} has ${on ? "added to the words that may not be said here" : "allowed a word again"}.`,
  role({ user = "", by, role }) {
    const what = role ?? "member";
    return `${safe(by)} has ${user === by ? TAKEN[what] : GIVEN[what](safe(user))}.`;
  },
  lent: ({ user = "", by }) => `${safe(by)} has lent ${safe(user)} the right to administer this server for a while.`,
  muted: (event) =>
    `${safe(event.user ?? "")} was muted by ${safe(event.by)} ${howLong(event) ?? "until further notice"}${why(event.reason)}`,
  unmuted: ({ user = "", by }) => `${safe(user)} was allowed to speak again by ${safe(by)}.`,
  banned(event) {
    const [by, user] = [safe(event.by), safe(event.user ?? "")];
    const rest = `${howLong(event) ?? "for good"}${why(event.reason)}`;
    if (event.pattern) return `${by} has banned guests with names like ${user} ${rest}`;
    const who = event.network ? `${user} and guests from the same network were` : `${user} was`;
    return `${who} banned by ${by} ${rest}`;
  },
  exempted({ by, user = "", of, pattern, on = true }) {
    const whom = pattern ? `guests with names like ${safe(user)}` : safe(user);
    return `${safe(by)} has ${EXEMPTED[`${of} ${on}`](whom)}.`;
  },
  unbanned: ({ user = "", by }) => `${safe(by)} has lifted the ban on ${safe(user)}.`,
  registered: ({ by, sign_on, for_them }) =>
    for_them
      ? `${safe(by)} was given an account by an administrator.`
      : `${safe(by)} has made an account${sign_on ? " by single sign-on" : ""}.`,
  renamed: ({ by, now }) => `${safe(by)} is now ${safe(now ?? "")}.`,
  closed: ({ by, emptied, for_them }) =>
    for_them
      ? `${safe(by)} has no account any more: an administrator has closed it${emptied ? ", and their texts are gone" : ""}.`
      : `${safe(by)} has closed their account${emptied ? ", and taken their texts away" : ""}.`,
  password: ({ by }) => `${safe(by)} has changed their password.`,
  "sign-on": ({ by, on, way }) =>
    way === "certificate"
      ? `${safe(by)} logs in by one certificate ${on ? "more" : "less"}.`
      : `${safe(by)} logs in by ${way === "scram" ? "SCRAM" : "single sign-on"}${on ? ", too" : " no more"}.`,
  factor: ({ by, on }) => `${safe(by)} has turned their second factor ${on ? "on" : "off"}.`,
  ticket({ by, user, uses = 1 }) {
    if (user) return `${safe(by)} has made a link for ${safe(user)} to choose a new password.`;
    return `${safe(by)} has made an invitation link for ${uses === 1 ? "one person" : `${uses} people`}.`;
  },
  "ticket-ended": ({ by }) => `${safe(by)} has ended a link.`,
  "room-deleted": ({ by, room }) => `${safe(by)} has deleted the room ${safe(room ?? "")}.`,
  device: ({ by, device, for_them }) =>
    for_them
      ? `${safe(by)} was logged out ${device ? "on a device" : "on all devices"} by an administrator.`
      : `${safe(by)} has logged out ${device ? "a device" : "all other devices"}.`,
};

/**
 * What was changed, one clause for each rule. A clause with a colon is the last one.
 * @param {LogEvent} event
 */
function clauses({ access, password, guests, speak, slow, history, archived, newcomers, keep_days, topics, outside, most, signals, labels }) {
  const told = [];
  if (access) told.push(ACCESS[access]);
  if (password === true && access !== "locked") told.push("changed the room's password");
  if (isSet(guests)) told.push(guests ? "let guests in" : "closed the room to guests");
  if (speak) told.push(SPEAK[speak]);
  if (isSet(slow)) told.push(slow ? `limited everybody to one message in ${inWords(slow)}` : "ended slow mode");
  if (history) told.push(HISTORY[history]);
  if (newcomers) told.push(NEWCOMERS[newcomers]);
  if (isSet(keep_days)) told.push(keep_days ? `let messages go after ${inWords(keep_days * 86_400)}` : "kept messages for good");
  if (topics) told.push(TOPICS[topics]);
  if (isSet(outside)) told.push(`let ${outside ? "everybody" : "only people who are in the room"} say something in it`);
  if (isSet(most)) told.push(most ? `let no more than ${most} people into the room` : "let any number of people into the room");
  if (isSet(signals)) told.push(signals ? "let programs signal each other here" : "kept programs from signalling each other here");
  if (labels) told.push(`told programs something about the room (${Object.keys(labels).sort().map(safe).join(", ")})`);
  if (isSet(archived)) {
    told.push(archived ? "closed the room: it can be read, and nothing more is said in it" : "opened the room again");
  }
  return told.length ? told : ["changed the rules of the room"];
}

/**
 * @template T
 * @param {T | null | undefined} value
 * @returns {value is T}
 */
const isSet = (value) => value !== null && value !== undefined;

/** @param {string[]} parts */
const listed = (parts) => [parts.slice(0, -1).join(", "), parts[parts.length - 1]].filter(Boolean).join(" and ");

/** @param {LogEvent} event */
const howLong = ({ at, until }) => (isSet(until) ? `for ${inWords((until - at) / 1000)}` : null);

/** @param {string | undefined} text */
const what = (text) => (text ? `: ${safe(text).trim().replace(/\s+/g, " ")}` : ".");

/** @param {string | null | undefined} reason */
const why = (reason) => (reason ? `: ${safe(reason)}` : ".");

/**
 * The sentence of an event, made harmless to show; null if it has none.
 * @param {LogEvent} event
 */
export const sentenceOf = (event) => (Object.hasOwn(SENTENCES, event.kind) ? SENTENCES[event.kind](event) : null);
