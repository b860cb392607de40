/** Why a command has no answer. */

/** The server refused it; `code` is stable, the message is for people. */
export class Refused extends Error {
  /** @param {{code: string, message: string, suggestion?: string, retry_after?: number}} error */
  constructor({ code, message, suggestion, retry_after: retryAfter }) {
    super(message);
    this.code = code;
    this.suggestion = suggestion;
    this.retryAfter = retryAfter;
  }
}

/** The connection was lost before the answer. */
export class Lost extends Error {}

/** @typedef {Refused | Lost} Failure */
