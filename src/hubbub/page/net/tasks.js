/** Has tasks of administrators done by the server, over HTTP (docs/admin.md). */
import { Lost, Refused } from "./failures.js";

const MOST_BYTES = 4 * 1024 * 1024; // of an answer: many times the largest that an honest server gives
const MOST_CHARS = 500; // of what the server says went wrong
const LATE = "The server has not answered in time. It may still be at it: look again in a while.";
const GATEWAY_TIMEOUT = 504; // of a proxy before it
const UNKNOWN = "The server's answer cannot be understood. Is this page as new as the server? Reload it, and try again.";

/**
 * What comes of a task. Rejected with a `Failure`.
 * @param {string} task
 * @param {object} asked what it takes
 * @param {object} how
 * @param {string} how.token of an account that administers the server
 * @param {number} how.patience milliseconds to wait for the answer
 * @param {(value: any) => boolean} how.shape of the result
 * @returns {Promise<any>}
 */
export async function have(task, asked, { token, patience, shape }) {
  let answer;
  let text;
  try {
    answer = await fetch(`api/admin/${task}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify(asked),
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(patience),
    });
    text = await read(answer);
  } catch (error) {
    const late = error instanceof DOMException && error.name === "TimeoutError";
    throw new Lost(late ? LATE : "The server cannot be reached. Please try again.");
  }
  const told = parsed(text);
  if (answer.ok && told !== null && shape(told)) return told;
  if (answer.ok) throw new Lost(UNKNOWN);
  const { code, message } = told?.error ?? {};
  if (typeof code !== "string" || typeof message !== "string") throw new Lost(answer.status === GATEWAY_TIMEOUT ? LATE : UNKNOWN);
  throw new Refused({ code, message: message.slice(0, MOST_CHARS) });
}

/**
 * The text of an answer; "" for one that is too large.
 * @param {Response} answer
 */
async function read(answer) {
  const reader = answer.body?.getReader();
  if (!reader) return "";
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.length;
    if (bytes > MOST_BYTES) {
      await reader.cancel();
      return "";
    }
    text += decoder.decode(value, { stream: true });
  }
}

/**
 * @param {string} text
 * @returns {any}
 */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
