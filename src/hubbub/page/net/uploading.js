/**
 * Uploads a file, and goes on where it was after a lost connection: tus 1.0.0 (https://tus.io/protocols/resumable-upload)
 * with its extensions creation and termination.
 */
import { Backoff, retryDelay } from "./backoff.js";
import { Lost, Refused } from "./failures.js";
import { bool, count, key, maybe, name as nameShape, object, text, words } from "./shapes.js";

const STALL_MS = 30_000; // without a byte: the connection is lost, whatever it says
const LOOK_MS = [200, 2000]; // between two questions whether the server has looked at the file
const PASSING = new Set([409, 423, 429, 500, 502, 503, 504]); // statuses that are no answer for good
const PASSES = "passing"; // the code of those
const GONE = new Set([404, 410]);
const MAX_ANEW = 3; // times that a file is begun again, whose upload the server has forgotten
const MOST_CHARS = 500; // of what the server says went wrong

/** What is told of a file (hubbub/domain/files.py). */
export const fileShape = object({
  id: key,
  name: nameShape,
  size: count,
  type: words,
  alt: maybe(text),
  width: maybe(count),
  height: maybe(count),
  animated: maybe(bool),
  thumbnail: maybe(bool),
});

/**
 * @typedef {import("../text/kinds.js").File} Told
 * @typedef {{token: string | null, guest: string | null}} Who who asks; `guest`: their name, if they have no account
 */

/** The server does not know the upload any more. */
class Forgotten extends Error {}

/**
 * What the server tells of the file when it has all of it, and has looked at it. Rejected with `Refused`, or with the
 * reason of `signal`; a lost connection is waited for.
 * @param {Blob} file
 * @param {object} how
 * @param {string} how.name
 * @param {() => Who} how.who
 * @param {(sent: number) => void} how.progress is told how many bytes the server has
 * @param {AbortSignal} how.signal
 * @returns {Promise<Told>}
 */
export async function upload(file, { name, who, progress, signal }) {
  const pauses = new Backoff();
  const way = new Way(file, name, (method, path, headers) => asked(method, path, { headers, who: who(), signal }));
  for (let anew = 0; ; ) {
    try {
      for (let offset = await way.begin(); offset < file.size; offset = await way.offset()) {
        progress(offset);
        await sent(way.address, file.slice(offset), { offset, who: who(), progress, signal });
      }
      progress(file.size);
      for (let pause = LOOK_MS[0]; ; pause = Math.min(LOOK_MS[1], pause * 2)) {
        const told = await way.look();
        if (told) return told;
        await waiting(pause, signal);
      }
    } catch (error) {
      if (signal.aborted) {
        if (way.address) asked("DELETE", way.address, { who: who() }).catch(() => {});
        throw signal.reason;
      }
      if (error instanceof Forgotten && way.address && ++anew < MAX_ANEW) way.forget();
      else if (error instanceof Forgotten) throw new Refused({ code: "not-found", message: "The server does not take files here." });
      else if (error instanceof Lost) await waiting(pauses.pause(), signal);
      else if (error instanceof Refused && error.code === PASSES) await waiting(retryDelay(error.retryAfter, pauses.pause()), signal);
      else throw error;
    }
  }
}

/** Where a file goes: its upload on the server, once there is one. */
class Way {
  address = "";

  /**
   * @param {Blob} file
   * @param {string} name
   * @param {(method: string, address: string, headers: Record<string, string>) => Promise<Response>} ask
   */
  constructor(file, name, ask) {
    this.size = file.size;
    this.name = name;
    this.ask = ask;
  }

  /** Begins, or goes on; returns how much of it the server has. */
  async begin() {
    if (this.address) return this.offset();
    const answer = await this.ask("POST", "api/uploads", { "Upload-Length": String(this.size), "Upload-Metadata": `filename ${base64(this.name)}` });
    this.address = `api/uploads/${created(answer)}`;
    return 0;
  }

  async offset() {
    const answer = await this.ask("HEAD", this.address, {});
    return Number(answer.headers.get("Upload-Offset"));
  }

  /** What the server has seen in the file; null while it looks. */
  async look() {
    const answer = await this.ask("GET", this.address, {});
    const told = await answer.json().catch(() => null);
    if (told?.state === "failed") throw refused(told.error, "The server could not take this file.");
    return told?.file && fileShape(told.file) ? /** @type {Told} */ (told.file) : null;
  }

  forget() {
    this.address = "";
  }
}

/** @param {Response} answer */
function created(answer) {
  // Behind a proxy the address may be another one than ours; its end is the id.
  const id = answer.headers.get("Location")?.split(/[?#]/)[0].split("/").pop();
  if (!id || !/^[\w-]{1,64}$/.test(id)) throw new Refused({ code: "odd", message: "The server's answer cannot be understood. Is this page as new as the server?" });
  return id;
}

/**
 * @param {string} method
 * @param {string} address
 * @param {{headers?: Record<string, string>, who: Who, signal?: AbortSignal}} how
 */
export async function asked(method, address, { headers = {}, who, signal }) {
  let answer;
  try {
    answer = await fetch(addressed(address, who), {
      method,
      headers: { ...credentials(who), "Tus-Resumable": "1.0.0", ...headers },
      cache: "no-store",
      redirect: "error",
      signal,
    });
  } catch {
    throw new Lost("The server cannot be reached.");
  }
  if (!answer.ok) throw failure(answer.status, await answer.text().catch(() => ""), answer.headers.get("Retry-After"));
  return answer;
}

/**
 * Sends bytes; a request of the older kind, as it tells how far it is.
 * @param {string} address
 * @param {Blob} bytes
 * @param {{offset: number, who: Who, progress: (sent: number) => void, signal: AbortSignal}} how
 */
function sent(address, bytes, { offset, who, progress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const lost = () => reject(new Lost("The connection was lost."));
    let stall = 0;
    const alive = () => {
      clearTimeout(stall);
      stall = setTimeout(() => request.abort(), STALL_MS);
    };
    const stop = () => request.abort();
    signal.addEventListener("abort", stop);
    request.open("PATCH", addressed(address, who));
    const headers = { ...credentials(who), "Tus-Resumable": "1.0.0", "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" };
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => {
      alive();
      progress(offset + loaded);
    };
    request.onload = () => {
      if (request.status < 300) resolve(undefined);
      else reject(failure(request.status, request.responseText, request.getResponseHeader("Retry-After")));
    };
    request.onerror = request.onabort = lost;
    request.onloadend = () => {
      clearTimeout(stall);
      signal.removeEventListener("abort", stop);
    };
    alive();
    request.send(bytes);
  });
}

/**
 * The token as a header; who has no account says whose it is in the address.
 * @param {Who} who
 * @returns {Record<string, string>}
 */
const credentials = ({ token }) => ({ Authorization: `Bearer ${token}` });

/** @type {(address: string, who: Who) => string} */
const addressed = (address, { guest }) => (guest === null ? address : `${address}?user=${encodeURIComponent(guest)}`);

/**
 * @param {number} status
 * @param {string} body
 * @param {string | null} after
 */
function failure(status, body, after) {
  if (GONE.has(status)) return new Forgotten();
  let told;
  try {
    told = JSON.parse(body).error;
  } catch {
    told = null;
  }
  const seconds = told?.retry_after ?? Number(after ?? Number.NaN);
  return refused({ ...told, ...(PASSING.has(status) && { code: PASSES }), retry_after: seconds }, "The server does not take this file.");
}

/**
 * @param {any} error as the server tells it
 * @param {string} otherwise
 */
function refused(error, otherwise) {
  const message = typeof error?.message === "string" ? error.message.slice(0, MOST_CHARS) : otherwise;
  return new Refused({ code: String(error?.code), message, retry_after: error?.retry_after });
}

/**
 * Waits, but not longer than until the connection is there again.
 * @param {number} ms
 * @param {AbortSignal} signal
 */
function waiting(ms, signal) {
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      signal.removeEventListener("abort", done);
      if (signal.aborted) reject(signal.reason);
      else resolve(undefined);
    };
    const timer = setTimeout(done, ms);
    addEventListener("online", done);
    signal.addEventListener("abort", done);
  });
}

/** @param {string} words in UTF-8 */
const base64 = (words) => btoa(String.fromCharCode(...new TextEncoder().encode(words)));
