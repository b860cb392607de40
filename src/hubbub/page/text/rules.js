/** What holds in a room, in sentences: who may read it, who may speak, and what the user is there. */
import { inWords } from "./durations.js";

/**
 * The words of a choice, as it is offered.
 * @type {Record<"access" | "speak" | "topics" | "history" | "newcomers", Record<string, string>>}
 */
export const WORDS = {
  access: {
    open: "Everybody, and all find it in the list",
    unlisted: "Who knows its name: it is in no list",
    locked: "Who gives its password",
    members: "Its members, and who is invited: nobody else knows of it",
  },
  speak: { all: "Everybody", members: "People with an account", voices: "People with a role" },
  topics: { all: "Everybody who may speak", moderators: "Moderators" },
  history: { all: "All that was ever said", since: "What is said since they came" },
  newcomers: {
    free: "The same as for everybody",
    careful: "They write slowly, and without links",
    held: "That, and their messages wait until a moderator has let a first one through",
  },
};

/** @type {Record<string, string>} */
const ACCESS = {
  open: "Everybody may come in, and read.",
  unlisted: "Who knows its name may come in: it is in no list.",
  locked: "Who gives its password may come in, and read.",
  members: "It is private: only its members and who is invited know of it, and read it.",
  direct: "It is a direct conversation.",
};
/** @type {Record<string, string>} */
const SPEAK = { members: "Only people with an account speak.", voices: "Only people with a role speak." };
/** @type {Record<string, string>} */
const NEWCOMERS = {
  careful: "Newcomers write slowly, and without links.",
  held: "Newcomers write slowly, without links, and their messages wait until a moderator has let a first one through.",
};
/** @type {Record<string, string>} */
const ROLE = { voice: "You have a voice here.", moderator: "You are a moderator here.", owner: "You are an owner here." };

/**
 * @param {{access?: string, speak?: string, slow?: number, guests?: boolean, archived?: boolean, role?: string, muted?: boolean, history?: string, newcomers?: string, keep_days?: number, newcomer?: boolean, topics?: string, outside?: boolean, most?: number} | null} standing
 * @returns {string[]}
 */
export function rulesOf(standing) {
  const { access = "open", speak = "all", slow = 0, guests = true, archived = false, role = "member", history = "all", newcomers = "free", keep_days = 0, topics = "all", outside = true, most = 0 } = standing ?? {};
  const sentences = [
    ACCESS[access],
    guests ? "" : "Guests, who have no account, may not come in.",
    most ? `${most} people may be in it, and not more.` : "",
    SPEAK[speak],
    outside ? "" : "Only who is in it may say something there.",
    topics === "moderators" ? "Only moderators set the topic." : "",
    history === "since" ? "Who comes in reads what is said from then on, and nothing older." : "",
    NEWCOMERS[newcomers],
    standing?.newcomer && newcomers !== "free" ? "You are a newcomer here." : "",
    slow ? `Slow mode: everybody sends one message in ${inWords(slow)}.` : "",
    keep_days ? `Messages stay for ${inWords(keep_days * 86_400)}, and are gone then.` : "",
    archived ? "It is closed: it can be read, and nothing more is said in it." : "",
    standing?.muted ? "You are muted here." : "",
    ROLE[role],
  ];
  return sentences.filter(Boolean);
}
