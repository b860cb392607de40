/** Dialogs about a message: whether to take it back, who reacts to it, what it said before. */
import { quotable } from "../text/attached.js";
import { excerpt } from "../text/excerpt.js";
import { safe } from "../text/safe.js";
import { fullTimeOf, isoOf } from "../text/when.js";
import { asking } from "./deed-dialog.js";
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";
import { renderText } from "./render.js";

const EMOJI_CHARS = 20;
const MOST_NAMED = 200; // people for each emoji

/**
 * @param {import("../text/kinds.js").LogEvent} event
 * @param {boolean} mine
 * @param {() => void} act
 */
export function askRedact(event, mine, act) {
  const { form, ask, button } = asking("Take it back", async () => {
    act();
    return "";
  });
  form.prepend(
    el("blockquote", { dir: "auto" }, el("bdi", { class: "by" }, safe(event.by)), ` ${excerpt(quotable(event))}`),
    el("p", {}, `It is gone then, for everybody and for good. Its place says that ${mine ? "you have" : "you, and not its author, have"} taken it back.`),
  );
  ask(openDialog("Take this message back?", el("div", { class: "scrolls" }, form)));
  button.focus();
}

/**
 * @param {import("../text/kinds.js").Reaction[]} reactions
 * @param {string} pressed the emoji that comes first
 */
export function showReactions(reactions, pressed) {
  const inOrder = [...reactions].sort((one, other) => Number(other.emoji === pressed) - Number(one.emoji === pressed));
  const rows = inOrder.map(({ emoji, users }) => {
    const names = users.slice(0, MOST_NAMED).map(safe).join(", ");
    const rest = users.length > MOST_NAMED ? ` and ${(users.length - MOST_NAMED).toLocaleString()} others` : "";
    return el("div", {}, el("dt", {}, el("bdi", { class: "large" }, safe(emoji.slice(0, EMOJI_CHARS))), ` ${users.length.toLocaleString()}`), el("dd", { dir: "auto" }, names + rest));
  });
  openDialog("Reactions", el("div", { class: "scrolls", tabindex: "0", role: "group", "aria-label": "Who reacts" }, el("dl", { class: "keys" }, ...rows)));
}

/**
 * @param {import("../chat/amending.js").Amending} amending
 * @param {import("../chat/room.js").Room} room
 * @param {import("../text/kinds.js").LogEvent} event
 */
export async function showVersions(amending, room, event) {
  const list = el("ol", { role: "list", class: "versions" }, el("li", {}, "Looking…"));
  const problem = el("p", { class: "problem", role: "alert" });
  openDialog("What it said before", el("div", { class: "scrolls", tabindex: "0", role: "group", "aria-label": "Versions" }, problem, list));
  try {
    const versions = await amending.versions(room, event.seq);
    list.replaceChildren(...versions.map(({ at, text }, place) => version(at, text, place === versions.length - 1)));
  } catch (error) {
    list.replaceChildren();
    problem.textContent = /** @type {Error} */ (error).message;
  }
}

/** @type {(at: number, text: string, now: boolean) => HTMLElement} */
function version(at, text, now) {
  const box = el("div", { class: "text" });
  renderText(box, text, null);
  return el("li", {}, el("p", { class: "quiet" }, el("time", { datetime: isoOf(at) }, fullTimeOf(at)), now && ": as it is now"), box);
}
