/** What the page fetches when it is needed first, so that it begins with fewer bytes: dialogs, the administrator's page. */
import { Signal } from "../signal.js";
import { el } from "./dom.js";

/** @typedef {typeof import("./dialogs.js").dialogs} Dialogs */

export const missed = new Signal(); // they could not be fetched

/**
 * Fetches a module and its style sheets, once; returns what does so. It gives null, and `missed` tells it, if that cannot be.
 * @param {string} name
 * @param {string[]} styles
 */
function fetching(name, ...styles) {
  const address = new URL(`../${name}.js`, import.meta.url).href;
  let tries = 0;
  /** @type {Promise<any> | null} */
  let under = null;
  const fetched = async () => {
    try {
      // Some browsers remember that an address has failed.
      const module = import(tries ? `${address}?${tries}` : address);
      await Promise.all([module, ...styles.map(styled)]);
      return await module;
    } catch {
      tries += 1;
      under = null;
      missed.emit();
      return null;
    }
  };
  return () => (under ??= fetched());
}

/** @type {Map<string, Promise<unknown>>} */
const sheets = new Map();

/**
 * Adds a style sheet, once; resolves when it is there, or could not be fetched.
 * @param {string} name
 */
function styled(name) {
  const link = el("link", { rel: "stylesheet", href: new URL(`../${name}.css`, import.meta.url).href });
  const there = sheets.get(name) ?? new Promise((resolve) => (link.onload = link.onerror = resolve));
  if (!sheets.has(name)) document.head.append(link);
  sheets.set(name, there);
  return there;
}

const dialogs = fetching("dialogs", "dialogs");
const picker = fetching("picker", "dialogs");
const administration = fetching("administration", "dialogs", "administration");

/**
 * Uses the dialogs.
 * @param {(dialogs: Dialogs) => void} use
 */
export async function withDialogs(use) {
  const module = await dialogs();
  if (module) use(module.dialogs);
}

/**
 * Uses what lets the user choose an emoji.
 * @param {(pick: typeof import("./picker.js").pick) => void} use
 */
export async function withPicker(use) {
  const module = await picker();
  if (module) use(module.pick);
}

/**
 * Uses the administrator's page.
 * @param {(page: typeof import("./administering/page.js").ServerPage) => void} use
 */
export async function withServerPage(use) {
  const module = await administration();
  if (module) use(module.ServerPage);
}
