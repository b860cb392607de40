/**
 * How fast commands may go, so that the server's rate limit never refuses one.
 *
 * The server has a token bucket. Ours is smaller by the number of commands that may be unanswered, so that it
 * never has more tokens than the server's (why: hubbub/client/pace.py). Times are in milliseconds.
 */

const UNLIMITED_WINDOW = 256;
const SLOWER = 0.98; // a little slower than the server, as clocks differ

export class Pace {
  #rate;
  #most;
  #tokens;
  #stamp;
  #flying = 0;

  /**
   * One command (hello) was sent already.
   * @param {number} rate commands a second; 0: any number
   * @param {number} burst commands at once
   * @param {number} now
   */
  constructor(rate, burst, now) {
    this.#rate = (rate * SLOWER) / 1000;
    this.window =
      rate > 0 ? Math.min(UNLIMITED_WINDOW, Math.max(1, Math.floor(burst / 2))) : UNLIMITED_WINDOW;
    this.#most = Math.max(1, burst - this.window);
    this.#tokens = this.#most - 1;
    this.#stamp = now;
  }

  /**
   * A command is sent; `answered`: whether there will be an answer to it.
   * @param {number} now
   */
  sent(now, answered = true) {
    this.#refill(now);
    this.#tokens -= 1;
    if (answered) this.#flying += 1;
  }

  answered() {
    this.#flying -= 1;
  }

  /**
   * The milliseconds until a command may be sent; 0: now, Infinity: after an answer.
   * @param {number} now
   */
  wait(now) {
    if (this.#flying >= this.window) return Infinity;
    if (this.#rate <= 0) return 0;
    this.#refill(now);
    return this.#tokens >= 1 ? 0 : (1 - this.#tokens) / this.#rate;
  }

  /** @param {number} now */
  #refill(now) {
    const grown = Math.max(0, now - this.#stamp) * this.#rate;
    this.#tokens = Math.min(this.#most, this.#tokens + grown);
    this.#stamp = now;
  }
}
