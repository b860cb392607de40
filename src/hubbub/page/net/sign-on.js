/** Single sign-on: the browser goes to the provider and comes back; what is asked of the server for it, over HTTP. */
import { Lost, Refused } from "./failures.js";

const PATIENCE_MS = 20_000; // the server may wait for the provider
const BACK = "?signed-on"; // with which the server sends the browser back
const MOST_CHARS = 500; // of what the server says went wrong

/**
 * Goes to the provider, and comes back to a room.
 * @param {string} room "" for none
 * @param {string} invite the code of an invitation to the server; "" for none
 */
export function leave(room, invite) {
  location.assign(`sign-on?${new URLSearchParams({ to: "page", ...(room && { room }), ...(invite && { invite }) })}`);
}

/** Whether the browser has just come back; the address does not say so any more. */
export function returned() {
  if (location.search !== BACK) return false;
  history.replaceState(null, "", location.pathname + location.hash);
  return true;
}

/**
 * Who has come back, and with what they log in.
 * @returns {Promise<{user: string, password: string}>} rejected with a `Failure`
 */
export async function proof() {
  const { user, password } = await ask("POST", "sign-on/code");
  return { user: String(user), password: String(password) };
}

/**
 * Asks the server over HTTP. Rejected with a `Failure`.
 * @param {"GET" | "POST"} method
 * @param {string} path
 * @param {string} [token]
 * @param {object} [body]
 * @returns {Promise<Record<string, unknown>>}
 */
export async function ask(method, path, token, body) {
  const headers = { ...(token && { Authorization: `Bearer ${token}` }), ...(body && { "Content-Type": "application/json" }) };
  let answer;
  let told;
  try {
    answer = await fetch(path, {
      method,
      headers,
      body: body && JSON.stringify(body),
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    told = await answer.json();
  } catch {
    throw new Lost("The server cannot be reached. Please try again.");
  }
  if (answer.ok) return told;
  const { code, message } = told?.error ?? {};
  throw new Refused({ code: String(code), message: String(message).slice(0, MOST_CHARS) });
}
