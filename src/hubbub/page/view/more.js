/** What the page fetches when it is needed first, so that it begins with fewer bytes: the dialogs. */
import { Signal } from "../signal.js";

/** @typedef {typeof import("./dialogs.js").dialogs} Dialogs */

const ADDRESS = new URL("../dialogs.js", import.meta.url).href;

export const missed = new Signal(); // they could not be fetched

let tries = 0;
/** @type {Promise<Dialogs | null> | null} */
let fetching = null;

/** Null, and `missed` tells it, if they cannot be fetched. */
async function fetched() {
  try {
    // Some browsers remember that an address has failed.
    return /** @type {Dialogs} */ ((await import(tries ? `${ADDRESS}?${tries}` : ADDRESS)).dialogs);
  } catch {
    tries += 1;
    fetching = null;
    missed.emit();
    return null;
  }
}

/**
 * Uses the dialogs.
 * @param {(dialogs: Dialogs) => void} use
 */
export async function withDialogs(use) {
  fetching ??= fetched();
  const dialogs = await fetching;
  if (dialogs) use(dialogs);
}
