/**
 * What the user can be notified of, in words.
 *
 * @typedef {import("../keep/settings.js").Notify} Notify
 */

/** @type {Record<Notify, {label: string, short: string}>} */
export const NOTIFY_WORDS = {
  mentions: { label: "When I am mentioned", short: "mentions" },
  all: { label: "Of every message", short: "every message" },
  off: { label: "Never", short: "never" },
};

/**
 * The order in which they are offered.
 * @type {Notify[]}
 */
export const NOTIFY_ORDER = ["mentions", "all", "off"];
