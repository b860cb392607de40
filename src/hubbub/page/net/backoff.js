/**
 * Exponential back-off with jitter: the pauses between attempts grow, and are random, so that not all pages of a
 * server come back at once after it was away (Amazon's "Exponential Backoff And Jitter").
 */

const FIRST_MS = [200, 500]; // most losses are a server's restart or a change of network
const CAP_MS = 30_000;
const GROWTH = 3;
const STABLE_MS = 10_000; // after a connection that lived so long the pauses begin anew

const MIN_MS = 250; // a server that says "now" again and again makes no busy loop
const MAX_MS = 3_600_000; // a server that asks for more is asked again after an hour

const MAX_PLANNED_MS = 60_000; // a server that restarts spreads the return of its clients over less

/**
 * The milliseconds that a server asks us to wait; `otherwise` if it does not say.
 * @param {unknown} retryAfter in seconds
 * @param {number} otherwise
 */
export function retryDelay(retryAfter, otherwise) {
  if (typeof retryAfter !== "number" || !Number.isFinite(retryAfter)) return otherwise;
  return Math.min(MAX_MS, Math.max(MIN_MS, retryAfter * 1000));
}

export class Backoff {
  /** @type {number | null} */
  #last = null;

  /** The milliseconds to wait before the next attempt. */
  pause() {
    const [low, high] = this.#last === null ? FIRST_MS : [FIRST_MS[1], this.#last * GROWTH];
    this.#last = Math.min(CAP_MS, low + Math.random() * (high - low));
    return this.#last;
  }

  /**
   * The milliseconds to wait for a server that restarts, and expects us again in so many seconds. Null, for a pause of
   * our own, if it does not say, or says nonsense, or says it again though the last connection was not stable: nobody
   * is kept busy, or in the dark, by such a server.
   * @param {unknown} seconds
   */
  planned(seconds) {
    if (typeof seconds !== "number" || !Number.isFinite(seconds) || seconds < 0 || this.#last !== null) return null;
    this.#last = FIRST_MS[1];
    return Math.min(MAX_PLANNED_MS, Math.max(FIRST_MS[0], seconds * 1000));
  }

  /**
   * A connection has ended that lived for `ms`.
   * @param {number} ms
   */
  lived(ms) {
    if (ms >= STABLE_MS) this.#last = null;
  }
}
