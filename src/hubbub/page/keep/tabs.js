/**
 * Which tabs are alive, so that another one can send the lines of a tab that is gone.
 *
 * A tab holds a Web Lock with its name as long as it lives; the browser frees it, however the tab
 * ends. Pages without TLS from other computers have no Web Locks: there a tab writes time stamps into the
 * storage. (If two tabs send one line, that is harmless: the server recognises its nonce.)
 */
import { PLACE } from "./place.js";

const PREFIX = `hubbub-tab${PLACE}-`;
const MARK_MS = 20_000;
const DEAD_MS = 150_000; // without a mark: timers of hidden tabs may run only once a minute

export const TAB = randomId();

/** A random UUID; `crypto.randomUUID` is for secure contexts only. */
export function randomId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Shows the other tabs that this one is alive. */
export function live() {
  if (navigator.locks) {
    navigator.locks.request(PREFIX + TAB, () => new Promise(() => {})).catch(() => {});
    return;
  }
  const mark = () => store(() => localStorage.setItem(PREFIX + TAB, String(Date.now())));
  mark();
  setInterval(mark, MARK_MS);
  addEventListener("pagehide", () => store(() => localStorage.removeItem(PREFIX + TAB)));
  addEventListener("pageshow", mark);
}

/** The names of the tabs that are alive. */
export async function livingTabs() {
  const locks = await navigator.locks?.query().catch(() => null); // refused with all storage
  if (locks) {
    const { held = [], pending = [] } = locks;
    return new Set([...held, ...pending].map(({ name = "" }) => name.replace(PREFIX, "")));
  }
  const names = store(() => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX))) ?? [];
  const alive = (/** @type {string} */ name) => Date.now() - Number(localStorage.getItem(name)) < DEAD_MS;
  return new Set([TAB, ...names.filter(alive).map((name) => name.replace(PREFIX, ""))]);
}

/**
 * Calls `gone` whenever another tab may have ended.
 * @param {() => void} gone
 */
export function watchTabs(gone, everyMs = 15_000) {
  setInterval(gone, everyMs);
  document.addEventListener("visibilitychange", gone);
}

/**
 * The result of an action on the storage; undefined where that is refused.
 * @template Answer
 * @param {() => Answer} action
 */
function store(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}
