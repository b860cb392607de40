/** What is told to those who moderate: that a message is bad, or that one wants to come in. */
import { quotable } from "../text/attached.js";
import { excerpt } from "../text/excerpt.js";
import { safe } from "../text/safe.js";
import { asking } from "./deed-dialog.js";
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";

const WORDS_CHARS = 300;

/** @typedef {import("../chat/moderating.js").Moderating} Moderating */

/**
 * Reports a message.
 * @param {Moderating} moderating
 * @param {import("../chat/room.js").Room} room
 * @param {import("../text/kinds.js").Message} event
 * @param {(sentence: string) => void} tell
 */
export function showReport(moderating, room, event, tell) {
  const { seq, by } = event;
  const about = el("blockquote", { dir: "auto" }, el("bdi", { class: "by" }, safe(by)), ` ${excerpt(quotable(event))}`);
  ask({
    title: "Report a message",
    about: [el("p", {}, `Those who moderate # ${safe(room.name)} see it in a list, with your name. Nobody else is told.`), about],
    label: "What is wrong with it (may be left out)",
    does: "Report it",
    act: (reason) => moderating.do({ type: "report", room: room.name, seq, ...(reason && { reason }) }),
    done: () => tell("The moderators are told."),
  });
}

/**
 * Asks to be let into a private room.
 * @param {Moderating} moderating
 * @param {string} room
 * @param {(sentence: string) => void} tell
 */
export function showKnock(moderating, room, tell) {
  ask({
    title: `Ask to be let into ${safe(room)}`,
    about: [el("p", {}, "If there is such a room, those who moderate it are asked. You are told when they let you in.")],
    label: "A line to them (may be left out)",
    does: "Ask",
    act: (text) => moderating.do({ type: "knock", room, ...(text && { text }) }),
    done: () => tell(`If there is a room ${safe(room)}, its moderators are asked now.`),
  });
}

/** @param {{title: string, about: Element[], label: string, does: string, act: (words: string) => Promise<string>, done: () => void}} given */
function ask({ title, about, label, does, act, done }) {
  const words = el("input", { id: "told-words", maxlength: WORDS_CHARS, dir: "auto", autocomplete: "off" });
  const made = asking(does, async () => {
    const why = await act(words.value.trim());
    if (!why) done();
    return why;
  });
  made.form.prepend(...about, el("p", {}, el("label", { for: "told-words" }, label), words));
  made.ask(openDialog(title, el("div", { class: "scrolls" }, made.form)));
  words.focus();
}
