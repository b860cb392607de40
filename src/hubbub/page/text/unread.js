/**
 * Counts of unread messages, added up and in words.
 *
 * @typedef {{unread: number, mentions: number}} Count `mentions`: how many of them mention the user
 */

export const MAX_COUNT = 1000; // the server counts no further

/** @param {number} count */
const many = (count) => (count >= MAX_COUNT ? `${MAX_COUNT.toLocaleString()}+` : count.toLocaleString());

/**
 * For example "94 new, 2 mention you".
 * @param {Count} count
 */
export function unreadWords({ unread, mentions }) {
  if (!mentions) return `${many(unread)} new`;
  if (unread === 1) return "1 new, which mentions you";
  return `${many(unread)} new, ${many(mentions)} ${mentions === 1 ? "mentions" : "mention"} you`;
}

/**
 * The counts of several rooms together; `rooms`: how many of them have unread messages.
 * @param {Count[]} counts
 */
export function sum(counts) {
  const news = counts.filter(({ unread }) => unread > 0);
  const total = { unread: 0, mentions: 0, rooms: news.length };
  for (const { unread, mentions } of news) {
    total.unread += unread;
    total.mentions += mentions;
  }
  return total;
}
