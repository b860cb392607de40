/** What one may want to be told of, in words. */

export const NOTIFY_WORDS = {
  mentions: { label: "When I am mentioned", short: "mentions" },
  all: { label: "Of every message", short: "every message" },
  off: { label: "Never", short: "never" },
};
