/** Why the user cannot write in a room now, or how slowly they can. */
import { inWords } from "../text/durations.js";

const SECOND = 1000;

/**
 * What to say at the field where the user writes ("": nothing), and in how many milliseconds to look again (0: not
 * by itself).
 * @param {Pick<import("./moderating.js").Moderating, "whyNot">} moderating
 * @param {import("./room.js").Room} room
 * @returns {{sentence: string, again: number}}
 */
export function barred(moderating, room) {
  const why = room.stage === "in" ? moderating.whyNot("speak", room) : null;
  if (why) return { sentence: why, again: 0 };
  const { slow = 0, role = "member" } = room.standing ?? {};
  if (!slow || role !== "member") return { sentence: "", again: 0 };
  const { wait } = room;
  const rule = `Slow mode: everybody sends one message in ${inWords(slow)}.`;
  if (!wait) return { sentence: rule, again: 0 };
  // To the next whole second.
  return { sentence: `${rule} You can write again in ${inWords(Math.ceil(wait / SECOND))}.`, again: (wait % SECOND) + 1 };
}
