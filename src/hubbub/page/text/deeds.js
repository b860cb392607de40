/**
 * What typed commands about messages, rights and moderation ask the server for, as in hubbub/domain/deeds.py; both pass
 * tests/vectors/deeds.json. Names are sent as they were typed: the server says what is wrong with one.
 */
import { count } from "./commands.js";
import { inWords } from "./durations.js";
import { parseDuration, splitDuration } from "./typed-durations.js";

/**
 * @typedef {{type: string, [field: string]: unknown}} Command
 * @typedef {{error: string}} Mistake
 * @typedef {(argument: string, room: string) => Command | Mistake} Deed
 */

export const SERVER = "/server"; // the room whose log is the server's own
const AUDIT_LINES = 20; // when nobody says how many: less than a screen
const MAX_AUDIT = 200;
const MAX_SLOW_SECONDS = 6 * 3600;
const DAY_SECONDS = 86_400;
const MAX_KEEP_DAYS = 3650;
const MAX_USES = 1000; // of a link
const EMOJI_CHARS = 40; // of one emoji, or of its name
const [ABOUT_CHARS, NOTE_CHARS, PATTERN_CHARS] = [200, 100, 200];

/** @type {Record<string, string[]>} */
const ACCESS = {
  open: ["open", "public", "everybody", "everyone"],
  unlisted: ["unlisted", "hidden"],
  members: ["private", "members", "invited"],
  locked: ["password", "locked"],
};
/** @type {Record<string, string[]>} */
const SPEAK = { all: ["all", "everybody", "everyone"], members: ["members", "accounts"], voices: ["voices", "voice", "roles"] };
/** @type {Record<string, string[]>} */
const ROLES = {
  voice: ["voice"],
  moderator: ["moderator", "op", "mod", "admin", "administrator"],
  owner: ["owner"],
  member: ["member", "none", "nobody"],
};
/** @type {Record<string, string[]>} */
const PAST = { all: ["all", "everything"], since: ["since", "none", "joined"] };
/** @type {Record<string, string[]>} */
const NEWCOMERS = { free: ["free", "freely", "off"], careful: ["careful", "limited"], held: ["held", "hold", "moderated"] };
/** @type {Record<string, string[]>} */
const TOPICS = { all: ["all", "everybody", "everyone"], moderators: ["moderators", "mods", "ops"] };
/** @type {Record<string, string[]>} */
const EXEMPT_OF = { bans: ["", "bans", "ban"], invitations: ["invitations", "invitation", "invites", "invite"] };
const NOTHING = ["-", "none", "off"];
const NUMBER = /^[0-9]{1,6}$/;
const ON = ["on", "yes"];
const OFF = ["off", "no"];

/** @type {(values: Record<string, string[]>, word: string) => string | undefined} */
const meant = (values, word) => Object.keys(values).find((value) => values[value].includes(word.toLowerCase()));

/** @type {(argument: string) => [string, string]} */
const first = (argument) => {
  const [, word = "", rest = ""] = /^\s*(\S+)\s*([^]*?)\s*$/.exec(argument) ?? [];
  return [word, rest];
};

/** @type {(name: string) => string} */
const user = (name) => name.trim().replace(/^@/, "");

/** @type {(type: string, more?: Record<string, unknown>) => Deed} something done to somebody, for a time and a reason */
const timed = (type, more = {}) => (argument, room) => {
  const [name, rest] = first(argument);
  const read = splitDuration(rest);
  if ("error" in read) return read;
  const about = type === "ban" && !more.network && /[*?]/.test(name) ? { pattern: name } : { user: user(name) };
  const { seconds, reason } = read;
  return { type, room, ...about, ...more, ...(seconds && { seconds }), ...(reason && { reason }) };
};

/** @type {(rules: (argument: string) => Record<string, unknown> | Mistake) => Deed} */
const ruling = (rules) => (argument, room) => {
  const read = rules(argument);
  return "error" in read ? /** @type {Mistake} */ (read) : { type: "rules", room, ...read };
};

/** @type {(status: string) => Deed} how somebody wants to be seen, and why */
const shown = (status) => (note) => chars(note) > NOTE_CHARS
  ? { error: `Please say it in ${NOTE_CHARS} characters at most.` }
  : { type: "profile", status, note };

/** @type {(text: string) => number} */
const chars = (text) => Array.from(text).length;

/** @type {(approve: boolean) => Deed} */
const settling = (approve) => (argument, room) => {
  const number = argument.replace(/^#/, "");
  if (!/^[0-9]{1,15}$/.test(number) || Number(number) < 1) return { error: "Which number? /queue lists what waits, with numbers." };
  return { type: "settle", room, item: Number(number), ...(approve && { approve }) };
};

/** @type {(on: boolean) => Deed} */
const filtering = (on) => (pattern, room) => {
  if (chars(pattern) > PATTERN_CHARS) return { error: `A pattern has at most ${PATTERN_CHARS} characters.` };
  return { type: "filter", room, pattern, ...(!on && { on }) };
};

/** @type {(on: boolean) => Deed} */
const exempting = (on) => (argument, room) => {
  const [name, word] = first(argument);
  const of = meant(EXEMPT_OF, word);
  if (!of) return { error: "Exempt of what? Type /exempt NAME, or /exempt NAME invitations for who may come in without one." };
  const whom = /[*?]/.test(name) ? { pattern: name } : { user: user(name) };
  return { type: "exempt", room, ...whom, ...(of !== "bans" && { of }), ...(!on && { on }) };
};

/** @type {(name: string) => Record<string, unknown>} whose last message it is about; "": the newest one */
const of = (name) => (name ? { user: user(name) } : {});

/** @type {(on: boolean) => Deed} */
const reacting = (on) => (argument, room) => {
  const words = argument.trim().split(/\s+/);
  const emoji = words.pop() ?? "";
  if (chars(emoji) > EMOJI_CHARS || words.length > 1) {
    return { error: "With which emoji? Type: /react :thumbsup:, or /react NAME :thumbsup:" };
  }
  return { type: "react", room, ...of(words.join("")), emoji, ...(!on && { on }) };
};

/** @type {Record<string, Deed>} */
export const DEEDS = {
  access: ruling((argument) => {
    const [word, password] = first(argument);
    const access = meant(ACCESS, word);
    if (!access) {
      return { error: "Who may come in? Type /access with open, unlisted or private, or type: /access password PASSWORD" };
    }
    if (access !== "locked") return { access };
    return password ? { access, password } : { error: "Which password should it ask for? Type: /access password PASSWORD" };
  }),
  speak: ruling((argument) => {
    const speak = meant(SPEAK, argument);
    return speak ? { speak } : { error: "Who may speak? Type /speak with all, members or voices." };
  }),
  slow: ruling((argument) => {
    if ([...OFF, "0"].includes(argument.toLowerCase())) return { slow: 0 };
    // Other chats count in seconds here.
    const read = NUMBER.test(argument) ? { seconds: Number(argument) } : parseDuration(argument);
    if ("error" in read) return read;
    if (read.seconds && read.seconds <= MAX_SLOW_SECONDS) return { slow: read.seconds };
    return { error: `That would be too slow: at most ${inWords(MAX_SLOW_SECONDS)}. To let only some speak: /speak voices` };
  }),
  guests: ruling((argument) => {
    const word = argument.toLowerCase();
    if (![...ON, ...OFF].includes(word)) return { error: "May guests come in? Type /guests on or /guests off." };
    return { guests: ON.includes(word) };
  }),
  past: ruling((argument) => {
    const history = meant(PAST, argument);
    return history ? { history } : { error: "Which messages may newcomers read? Type /past all or /past since." };
  }),
  topics: ruling((argument) => {
    const topics = meant(TOPICS, argument);
    return topics ? { topics } : { error: "Who may set the topic? Type /topics all or /topics moderators." };
  }),
  outside: ruling((argument) => {
    const word = argument.toLowerCase();
    if ([...ON, ...OFF].includes(word)) return { outside: ON.includes(word) };
    return { error: "May people say something here who are not in the room? Type /outside on or /outside off." };
  }),
  most: ruling((argument) => {
    if (OFF.includes(argument.toLowerCase())) return { most: 0 };
    return NUMBER.test(argument) ? { most: Number(argument) } : { error: "How many people may be in this room? Type /most NUMBER or /most off." };
  }),
  exempt: exempting(true),
  unexempt: exempting(false),
  newcomers: ruling((argument) => {
    const newcomers = meant(NEWCOMERS, argument);
    const how = "free, careful (slow, no links) or held (their first message waits for a moderator)";
    return newcomers ? { newcomers } : { error: `What holds for newcomers? Type /newcomers with ${how}.` };
  }),
  keep: ruling((argument) => {
    if ([...OFF, "0"].includes(argument.toLowerCase())) return { keep_days: 0 };
    const read = NUMBER.test(argument) ? { seconds: Number(argument) * DAY_SECONDS } : parseDuration(argument);
    if ("error" in read) return read;
    if (read.seconds === null) return { keep_days: 0 };
    if (read.seconds % DAY_SECONDS === 0 && read.seconds <= MAX_KEEP_DAYS * DAY_SECONDS) return { keep_days: read.seconds / DAY_SECONDS };
    return { error: `Messages stay for whole days, ${MAX_KEEP_DAYS} at most, or forever. Type: /keep 90d` };
  }),
  archive: ruling((argument) => {
    const word = argument.toLowerCase();
    if (![...ON, ...OFF, ""].includes(word)) {
      return { error: "Type /archive to close this room, /archive off to open it again." };
    }
    return { archived: !OFF.includes(word) };
  }),
  "rename-room": (argument, room) => ({ type: "rename-room", room, name: argument }),
  invite: (argument, room) => ({ type: "invite", room, user: user(argument) }),
  uninvite: (argument, room) => ({ type: "end-invitation", room, user: user(argument) }),
  link(argument, room) {
    const [word, rest] = first(argument);
    const [uses, long] = NUMBER.test(word) ? [Number(word), rest] : [1, argument];
    const read = long ? parseDuration(long) : { seconds: null };
    if ("error" in read) return read;
    if (uses < 1 || uses > MAX_USES) return { error: `A link is for 1 to ${MAX_USES} people.` };
    return { type: "make-ticket", room, ...(uses > 1 && { uses }), ...(read.seconds && { seconds: read.seconds }) };
  },
  links: (_, room) => ({ type: "tickets", room }),
  unlink: (ticket, room) => ({ type: "end-ticket", room, ticket }),
  "reset-link": (argument) => {
    const [name, word] = first(argument);
    if (!["", "factor"].includes(word.toLowerCase())) {
      const [choose, end] = ["for a link by which NAME chooses a new password", "to end their second factor by it, too"];
      return { error: `Type /reset-link NAME ${choose}, or /reset-link NAME factor ${end}.` };
    }
    return { type: "make-ticket", room: SERVER, user: user(name), ...(word && { factor: true }) };
  },
  about(text) {
    if (chars(text) > ABOUT_CHARS) return { error: `A line about you has at most ${ABOUT_CHARS} characters.` };
    return { type: "profile", about: NOTHING.includes(text.toLowerCase()) ? "" : text };
  },
  seen(argument) {
    const word = argument.toLowerCase();
    if (![...ON, ...OFF].includes(word)) return { error: "May others be told when you were here last? Type /seen on or /seen off." };
    return { type: "profile", hides_seen: OFF.includes(word) };
  },
  strangers(argument) {
    const word = argument.toLowerCase();
    if (![...ON, ...OFF].includes(word)) return { error: "May guests begin to write to you alone? Type /strangers on or /strangers off." };
    return { type: "profile", accounts_only: OFF.includes(word) };
  },
  away: shown("away"),
  busy: shown("busy"),
  back: () => ({ type: "profile", status: "here", note: "" }),
  whois: (argument) => ({ type: "whois", user: user(argument) }),
  edit: (text, room) => ({ type: "edit", room, text }),
  undo: (name, room) => ({ type: "redact", room, ...of(name) }),
  react: reacting(true),
  unreact: reacting(false),
  pin: (name, room) => ({ type: "pin", room, ...of(name) }),
  unpin: (name, room) => ({ type: "pin", room, ...of(name), on: false }),
  pins: (_, room) => ({ type: "pins", room }),
  report(argument, room) {
    const [name, reason] = first(argument);
    return { type: "report", room, user: user(name), ...(reason && { reason }) };
  },
  knock(argument) {
    const [name, text] = first(argument);
    return { type: "knock", room: name.replace(/^#/, ""), ...(text && { text }) };
  },
  filter: (pattern, room) => (pattern ? filtering(true)(pattern, room) : { type: "bans", room }),
  unfilter: filtering(false),
  queue: (_, room) => ({ type: "queue", room }),
  approve: settling(true),
  refuse: settling(false),
  role(argument, room) {
    const [name, word] = first(argument);
    const role = meant(ROLES, word);
    if (!role) return { error: "Which role? Type /role NAME with owner, moderator, voice or member." };
    return { type: "role", room, user: user(name), role };
  },
  kick(argument, room) {
    const [name, reason] = first(argument);
    return { type: "kick", room, user: user(name), ...(reason && { reason }) };
  },
  ban: timed("ban"),
  "ban-network": timed("ban", { network: true }),
  unban: (argument, room) => ({ type: "unban", room, user: argument.replace(/^@+/, "") }),
  mute: timed("mute"),
  unmute: (argument, room) => ({ type: "unmute", room, user: user(argument) }),
  bans: (_, room) => ({ type: "bans", room }),
  audit: (argument, room) => ({ type: "audit", room, limit: Math.min(count(argument) ?? AUDIT_LINES, MAX_AUDIT) }),
};

/** What /server may be followed by. */
const ON_THE_SERVER = [
  "role", "kick", "ban", "ban-network", "unban", "bans", "audit", "filter", "unfilter", "keep", "link", "links", "unlink", "reset-link",
];

/**
 * The command that an order, typed in `room`, asks for.
 * @param {import("./commands.js").Commands} commands
 * @param {string} order whose name is in `DEEDS`, or "server"
 * @param {string} argument
 * @param {string} room
 * @returns {Command | Mistake}
 */
export function deed(commands, order, argument, room) {
  if (order !== "server") return DEEDS[order](argument, room);
  const read = commands.read(`/${argument.replace(/^\//, "")}`);
  if ("order" in read && ON_THE_SERVER.includes(read.order)) return DEEDS[read.order](read.argument, SERVER);
  const word = commands.meant(first(argument.replace(/^\//, ""))[0])?.name ?? "";
  if ("mistake" in read && ON_THE_SERVER.includes(word)) {
    return { error: read.mistake.replace("Type: /", "Type: /server ") };
  }
  const lacking = commands.read("/server");
  return { error: "mistake" in lacking ? lacking.mistake : "" };
}
