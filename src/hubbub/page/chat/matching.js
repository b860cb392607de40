/** Which event of a room is one of the user's own lines. */
import { isMessage } from "../text/kinds.js";
import { keyOf } from "../text/names.js";

/**
 * Whether an event of a room is that line.
 * @param {Pick<import("../keep/database.js").Line, "key" | "text" | "reply" | "files" | "after" | "sentAs" | "sentBy">} line
 * @param {string} key of the room
 * @param {import("../text/kinds.js").LogEvent} event
 */
export function isLine(line, key, event) {
  return (
    isMessage(event) &&
    line.key === key &&
    event.text === normal(line.text) &&
    String(event.files?.map(({ id }) => id) ?? "") === String(line.files?.map(({ id }) => id) ?? "") &&
    event.seq > (line.after ?? 0) &&
    (event.reply_to ?? null) === (line.reply?.seq ?? null) &&
    (line.sentBy ? event.by_id === line.sentBy : keyOf(event.by) === keyOf(line.sentAs ?? ""))
  );
}

/**
 * A text as the server logs it.
 * @param {string} text
 */
function normal(text) {
  return text.replace(/\r\n?/g, "\n").trimEnd();
}
