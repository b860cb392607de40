/** What a frame may tell: one that tells more, or is none at all, is left out (hubbub/domain/told.py). */
const MOST_CHARS = 16 * 1024 * 1024; // of a frame
const NAME_CHARS = 256;
const WORDS_CHARS = 4096;
const TEXT_CHARS = 100_000;
const MOST_ITEMS = 100_000; // of a list
const MOST_DEPTH = 6;

const NAMES = new Set(["room", "by", "user", "name", "users", "server", "was", "now"]);
const TEXTS = new Set(["text", "excerpt"]);
const STRINGS = new Set(["room", "by", "user", "name", "code", "message", "reason", "server", "was", "now"]);
const NUMBERS = new Set(["seq", "head", "after", "at", "read", "unread", "mentions", "reply_to"]);
const LISTS = { events: "events", history: "events", joined: "users", who: "users", rooms: "rooms", found: "results" };

/** The object in a frame, or null. */
export function frameOf(data) {
  if (typeof data !== "string" || data.length > MOST_CHARS) return null;
  let frame;
  try {
    frame = JSON.parse(data);
  } catch {
    return null;
  }
  if (typeof frame?.type !== "string" || Array.isArray(frame) || !fits(frame, "", 0)) return null;
  const list = LISTS[frame.type];
  return list && !(Array.isArray(frame[list]) && frame[list].every(item)) ? null : frame;
}

/** What the lists of the protocol are of: names, and objects that have their fields. */
function item(one) {
  if (typeof one === "string") return true;
  if (!one || Array.isArray(one)) return false;
  if ("kind" in one) {
    const said = one.kind !== "said" || typeof one.text === "string";
    return said && typeof one.by === "string" && Number.isSafeInteger(one.seq) && one.seq >= 0;
  }
  return typeof (one.name ?? one.room) === "string";
}

function fits(value, key, depth) {
  if (STRINGS.has(key) && typeof value !== "string") return false;
  if (NUMBERS.has(key) && typeof value !== "number" && value !== null) return false;
  if (typeof value === "string") {
    return value.length <= (NAMES.has(key) ? NAME_CHARS : TEXTS.has(key) ? TEXT_CHARS : WORDS_CHARS);
  }
  if (typeof value === "number") return Math.abs(value) <= 2 ** 53 || key === "retry_after";
  if (value === null || typeof value !== "object") return true;
  if (depth >= MOST_DEPTH) return false;
  if (Array.isArray(value)) {
    return value.length <= MOST_ITEMS && value.every((one) => fits(one, key, depth + 1));
  }
  return Object.entries(value).every(([name, one]) => fits(one, name, depth + 1));
}
