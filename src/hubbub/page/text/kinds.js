/**
 * The kinds of events. Each has one row, which says what such an event is, as in hubbub/domain/kinds.py. An
 * event of a kind that this page does not know has its place in the log, and none of the traits.
 *
 * @typedef {object} LogEvent an event of a room's log, as the server tells it (docs/protocol.md)
 * @property {string} kind
 * @property {number} seq
 * @property {number} at
 * @property {string} by
 * @property {string | null} [by_id]
 * @property {number | null} [rev] the event that has changed it last
 * @property {string | null} [was]
 * @property {string | null} [now]
 * @property {string} [user] whom it is about: who was put out of the room, say
 * @property {string | null} [user_id]
 * @property {Role | null} [role] that somebody has by it
 * @property {string} [name] of the room, from now on
 * @property {boolean} [passing] the role is theirs for as long as they are in the room
 * @property {string | null} [was_id] the id of who comes in until now, if it is another one
 * @property {string} [of] from what somebody is exempt: "bans" or "invitations"
 * @property {number | null} [until] when it ends (ms); null: never by itself
 * @property {boolean | string} [pattern] of a ban: `user` is a pattern of guests' names; of a filter: what may not be said
 * @property {string | null} [network] the hash of an address
 * @property {number} [ban] the event with the ban that it ends
 * @property {string[]} [users] whose direct conversation it is
 * @property {string[]} [ids] theirs
 * @property {string | null} [access] who may read the room from now on; null, as in the next ones: as before
 * @property {string | null} [speak] who may speak
 * @property {number | null} [slow] seconds between two texts of one user
 * @property {boolean | null} [guests]
 * @property {string | null} [history] what newcomers may read
 * @property {boolean | null} [archived]
 * @property {boolean} [password] whether it was changed
 * @property {boolean} [emptied] an account was closed, and its texts are gone
 * @property {string | null} [newcomers] what holds for the texts of newcomers
 * @property {number | null} [keep_days] for how many days messages stay; 0: for good
 * @property {string | null} [topics] who may say what the room is about
 * @property {boolean | null} [outside] whether who is not in the room may say something in it
 * @property {number | null} [most] so many people may be in it; 0: no limit
 * @property {boolean | null} [signals] whether programs may tell programs something there
 * @property {Record<string, string | null> | null} [labels] what programs say of it from now on; null: nothing any more
 * @property {number} [floor] up to this one, the room's events are gone
 * @property {number | null} [since] the event since which they are a member, if it is not this one
 * @property {Profile} [profile] what an account says of itself
 * @property {string} [item] what the moderators are asked: "report", "held" or "knock"
 * @property {number | null} [about] the event with what was reported
 * @property {number} [queued] the event that asked for what is decided
 * @property {string | null} [device]
 * @property {string} [room] that was deleted
 * @property {boolean} [on] whether there is a second factor, a single sign-on, a filter, a reaction or a pin from now on
 * @property {boolean} [sign_on] whether an account was made by single sign-on
 * @property {boolean} [for_them] an administrator has done it with the account of somebody else
 * @property {string | null} [ticket] by which that was allowed; or the one that was made, or ended
 * @property {number} [uses] how often the ticket is good
 * @property {string} [way] how somebody logs in without telling a password: provider, certificate or scram
 * @property {boolean} [factor] by the ticket a second factor ends, too
 * @property {string | null} [reason]
 * @property {string} [topic]
 * @property {string} [text] of a message
 * @property {number | null} [reply_to]
 * @property {boolean} [moved] it was said elsewhere before, and is no news
 * @property {{by: string, by_id?: string | null, text: string} | null} [quote]
 * @property {File[]} [files]
 * @property {number | null} [edited_at] when its text was changed last
 * @property {{at: number, by: string, by_id?: string | null} | null} [redacted] who has taken it back
 * @property {Reaction[]} [reactions] in the order in which their emoji came first
 * @property {number} [replies] so many messages answered it when it was fetched
 * @property {number} [target] the message that is changed, or pinned
 * @property {string | null} [author] whose message was taken back
 * @property {string | null} [author_id]
 * @property {string} [emoji]
 * @property {number | null} [count] so many people react with it by then
 *
 * @typedef {"member" | "voice" | "moderator" | "owner"} Role
 * @typedef {{registered?: number, about?: string, status?: "here" | "away" | "busy", note?: string, hides_seen?: boolean, blocked?: Record<string, string>, labels?: Record<string, string>, accounts_only?: boolean, accepted?: Record<string, string>}} Profile
 * @typedef {LogEvent & {text: string}} Message
 * @typedef {{emoji: string, users: string[], ids: string[]}} Reaction who reacts with it; an id is "" where it is not known
 * @typedef {{id: string, name: string, size: number, type: string, alt?: string | null, width?: number | null, height?: number | null, animated?: boolean, thumbnail?: boolean}} File
 * @typedef {{line: boolean, message: boolean, membership: boolean, amends: boolean, rewords: boolean}} Traits
 */
const NONE = { line: false, message: false, membership: false, amends: false, rewords: false };

/**
 * `line`: has a line of its own. `message`: has a text, may be unread and answered. `membership`: changes the members.
 * `amends`: changes an earlier message (chat/forms.js). `rewords`: also what quotes of it say.
 */
export const TRAITS = new Map([
  ["said", { ...NONE, line: true, message: true }],
  ["joined", { ...NONE, line: true, membership: true }],
  ["left", { ...NONE, line: true, membership: true }],
  ["kicked", { ...NONE, line: true, membership: true }],
  ["topic", { ...NONE, line: true }],
  ["rules", { ...NONE, line: true }],
  ["room-renamed", { ...NONE, line: true }],
  ["direct", { ...NONE, membership: true }],
  ["invited", { ...NONE, line: true }],
  ["role", { ...NONE, line: true }],
  ["lent", { ...NONE, line: true }],
  ["muted", { ...NONE, line: true }],
  ["unmuted", { ...NONE, line: true }],
  ["banned", { ...NONE, line: true, membership: true }],
  ["unbanned", { ...NONE, line: true }],
  ["exempted", { ...NONE, line: true }],
  ["registered", { ...NONE, line: true, membership: true }],
  ["renamed", { ...NONE, line: true, membership: true }],
  ["closed", { ...NONE, line: true, membership: true }],
  ["password", { ...NONE, line: true }],
  ["device", { ...NONE, line: true }],
  ["factor", { ...NONE, line: true }],
  ["sign-on", { ...NONE, line: true }],
  ["ticket", { ...NONE, line: true }],
  ["ticket-ended", { ...NONE, line: true }],
  ["room-deleted", { ...NONE, line: true }],
  ["invitation-ended", { ...NONE, line: true }],
  ["forgotten", { ...NONE, membership: true }],
  ["trimmed", NONE],
  ["profile", { ...NONE, membership: true }],
  ["filter", { ...NONE, line: true }],
  ["trusted", NONE],
  ["queued", NONE],
  ["settled", NONE],
  ["edited", { ...NONE, amends: true, rewords: true }],
  ["redacted", { ...NONE, amends: true, rewords: true }],
  ["reacted", { ...NONE, amends: true }],
  ["pinned", { ...NONE, line: true }],
]);

/** The kinds that this page knows, as a word for those who keep events: another page may know others. */
export const KINDS = [...TRAITS.keys()].sort().join(" ");

/**
 * The traits of an event, by its kind.
 * @param {{kind: string}} event
 * @returns {Traits}
 */
export const traitsOf = ({ kind }) => TRAITS.get(kind) ?? NONE;

/**
 * Whether an event is a text that somebody wrote.
 * @param {LogEvent} event
 * @returns {event is Message}
 */
export const isMessage = (event) => traitsOf(event).message;
