/**
 * Links with a code: into a room, for an account here, for a new password. The code is in the fragment, which no
 * server is told: `#?room=Tea&invite=CODE`, `#?invite=CODE`, `#?user=ada&reset=CODE`.
 */

const SIGN = "#?";
const MOST_CHARS = 2000;

/**
 * `room`: with `invite`, where it leads. `user`: with `reset`, whose password is chosen.
 * @typedef {{room?: string, invite?: string, user?: string, reset?: string}} Ticket
 */

/**
 * The end of a link's address.
 * @param {Ticket} ticket
 */
export const ticketHash = (ticket) => `${SIGN}${new URLSearchParams(ticket)}`;

/**
 * The ticket in such an end; null: it is a place of the page, or nothing.
 * @param {string} hash
 * @returns {Ticket | null}
 */
export function ticketIn(hash) {
  if (!hash.startsWith(SIGN) || hash.length > MOST_CHARS) return null;
  const { room, invite, user, reset } = Object.fromEntries(new URLSearchParams(hash.slice(SIGN.length)));
  if (invite) return room ? { room, invite } : { invite };
  return user && reset ? { user, reset } : null;
}
