/** What the menu of a person offers to those who keep a room, or the server, in order. */
import { SERVER } from "../text/deeds.js";
import { keyOf } from "../text/names.js";
import { safe } from "../text/safe.js";
import { askDeed } from "./deed-dialog.js";

/**
 * @typedef {import("../text/kinds.js").Role} Role
 * @typedef {import("../chat/room.js").Room} Room
 * @typedef {Parameters<typeof import("./menu.js").openMenu>[2][number]} Item
 */

const FOR_GOOD = "For good";
const NETWORK = "Also all guests from the same network";

/** @type {Record<Role, string>} */
const GIVE = { owner: "Make an owner", moderator: "Make a moderator", voice: "Give a voice", member: "Take the role away" };

/**
 * @param {import("../chat/chat.js").Chat} chat
 * @param {Room} room
 * @param {string} name
 * @param {(sentence: string) => void} tell
 * @returns {Item[]}
 */
export function personItems(chat, room, name, tell) {
  const { moderating } = chat;
  const me = keyOf(name) === keyOf(chat.user);
  const here = room.members.has(keyOf(name));
  const may = (/** @type {string} */ action) => !me && moderating.may(action, room, name);
  const command = { room: room.name, user: name };
  const now = async (/** @type {import("../net/frames.js").Command} */ asked) => {
    const why = await moderating.do(asked);
    if (why) tell(why);
  };
  /** @type {(Item | false)[]} */
  const inRoom = [
    !here && may("invite") && { label: "Invite to this room", icon: "invite", act: () => now({ ...command, type: "invite" }) },
    here && may("kick") && { label: "Put out of the room…", icon: "leave", act: () => kick(moderating, room.name, name, "the room") },
    may("mute") && room.isMuted(name) && { label: "Let speak again", icon: "speak", act: () => now({ ...command, type: "unmute" }) },
    may("mute") && !room.isMuted(name) && { label: "Mute…", icon: "mute", act: () => mute(moderating, room.name, name) },
    may("ban") && { label: "Ban from the room…", icon: "ban", act: () => ban(moderating, room.name, name, "the room") },
  ];
  const own = moderating.roleIn(room, name);
  /** @type {(Item | false)[]} */
  const roles =
    moderating.may("role", room) && here
      ? /** @type {Role[]} */ (["owner", "moderator", "voice", "member"])
          .filter((role) => role !== own)
          .map((role) => ({
            label: role === "member" && me ? "Give up your role" : GIVE[role],
            icon: /** @type {const} */ ("role"),
            act: () => now({ ...command, type: "role", role }),
          }))
      : [];
  /** @type {(Item | false)[]} */
  const everywhere = [
    moderating.administers && !me && { label: "Put out of the server…", icon: "leave", act: () => kick(moderating, SERVER, name, "the server") },
    moderating.administers && !me && { label: "Ban from the server…", icon: "ban", act: () => ban(moderating, SERVER, name, "the server") },
  ];
  return [...titled("In this room", [...inRoom, ...(me && own === "member" ? [] : roles)]), ...titled("On the whole server", everywhere)];
}

/**
 * @param {string} title
 * @param {(Item | false)[]} items
 * @returns {Item[]}
 */
function titled(title, items) {
  const offered = items.filter((item) => item !== false);
  return offered.length ? [{ title }, ...offered] : [];
}

/** @typedef {import("../chat/moderating.js").Moderating} Moderating */

/** @type {(moderating: Moderating, room: string, name: string, where: string) => HTMLDialogElement} */
export function kick(moderating, room, name, where) {
  return askDeed({
    title: `Put ${safe(name)} out of ${where}`,
    does: "They can come back when they want to, or into a private room when they are invited again.",
    label: "Put out",
    act: ({ reason }) => moderating.do({ type: "kick", room, user: name, ...(reason && { reason }) }),
  });
}

/** @type {(moderating: Moderating, room: string, name: string) => void} */
export function mute(moderating, room, name) {
  askDeed({
    title: `Mute ${safe(name)}`,
    does: "They can read, and say nothing here.",
    label: "Mute",
    forGood: "Until somebody ends it",
    act: (chosen) => moderating.do({ type: "mute", room, user: name, ...timed(chosen) }),
  });
}

/** @type {(moderating: Moderating, room: string, name: string, where: string) => HTMLDialogElement} */
export function ban(moderating, room, name, where) {
  return askDeed({
    title: `Ban ${safe(name)} from ${where}`,
    does: "They are put out, and cannot come back until it ends.",
    label: "Ban",
    forGood: FOR_GOOD,
    network: NETWORK,
    act: (chosen) => moderating.do({ type: "ban", room, user: name, ...timed(chosen) }),
  });
}

/** @param {import("./deed-dialog.js").Chosen} chosen */
const timed = ({ seconds, ...chosen }) => ({ ...chosen, ...(seconds && { seconds }) });
