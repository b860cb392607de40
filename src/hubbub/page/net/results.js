/** The shapes of what tasks give (docs/admin.md): a result that has another one, or is larger, is not shown. */
import { bool, byName, count, list, maybe, name, number, object, oneOf, string, text, time, words } from "./shapes.js";

const MOST_ROWS = 2000; // of a list; a page of one has 500
const LINK_CHARS = 4096;

const role = oneOf(["member", "voice", "moderator", "owner"]);
const access = oneOf(["open", "unlisted", "locked", "members", "direct"]);
const names = list(name, MOST_ROWS);
const link = object({ code: words, fragment: string(LINK_CHARS), uses: count, until: maybe(time) });
const user = object({ name, account: bool, role, registered: maybe(time), here: bool, banned: bool });
const room = object({ name, access, events: count, at: maybe(time), members: count, here: count, owners: names, topic: words, archived: bool, waiting: count });
const details = object({
  room,
  speak: oneOf(["all", "members", "voices"]),
  slow: count,
  guests: bool,
  history: oneOf(["all", "since"]),
  newcomers: oneOf(["free", "careful", "held"]),
  keep_days: count,
  roles: byName(role),
  users: names,
  former: names,
  banned: count,
  muted: count,
  filters: count,
  links: count,
});
const device = object({ id: words, client: words, address: words, since: time, seen: time, connected: maybe(count) });
const finding = object({ level: oneOf(["ok", "note", "warning", "error"]), about: words, said: words, cure: words });
const backup = object({ name: words, bytes: count, at: time, log: words });

/**
 * By the names of the tasks.
 * @type {Record<string, import("./shapes.js").Shape>}
 */
export const RESULTS = {
  status: object({
    name: words,
    version: words,
    python: words,
    healthy: bool,
    started: time,
    now: time,
    log: words,
    sessions: count,
    people: count,
    accounts: count,
    rooms: count,
    events: count,
    behind: count,
    owners: names,
    administrators: names,
    registration: words,
    guests: bool,
    keep_days: count,
    warnings: list(words, MOST_ROWS),
    files: maybe(object({ database: count, wal: count, search: count, free: maybe(count) })),
    shared: bool,
    node: words,
    nodes: count,
  }),
  users: object({ users: list(user, MOST_ROWS), next: maybe(words), total: count }),
  user: object({
    user,
    seen: maybe(time),
    sessions: count,
    devices: count,
    password: bool,
    factor: bool,
    sign_on: bool,
    about: text,
    rooms: list(object({ room: name, role, member: bool }), MOST_ROWS),
  }),
  "add-user": object({ user, link: maybe(link) }),
  "close-user": object({ user: name }),
  devices: object({ devices: list(device, MOST_ROWS) }),
  revoke: object({ devices: count }),
  rooms: object({ rooms: list(room, MOST_ROWS), next: maybe(words), total: count }),
  room: details,
  "make-room": details,
  doctor: object({ findings: list(finding, MOST_ROWS), errors: count, warnings: count }),
  backup: object({ backup, seconds: number }),
  backups: object({ place: maybe(words), daily: bool, backups: list(backup, MOST_ROWS), concern: maybe(words) }),
  verify: object({ backup: words, bytes: count, at: time, events: count }),
  do: object({}),
};
