/** What is below a message: who reacts with what, how many answer it, and what of that waits to be sent. */
import { listed } from "../text/names.js";
import { safe } from "../text/safe.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";

const MOST_NAMED = 12; // people in the title of a reaction
const EMOJI_CHARS = 20; // a server may send anything as one

/**
 * @typedef {import("./layout.js").Said} Said
 * @typedef {import("./rows.js").Scene} Scene
 * @typedef {import("../text/kinds.js").Reaction} Reaction
 */

/**
 * The nodes of that.
 * @param {Said} row
 * @param {Scene} scene
 */
export function extras(row, scene) {
  const box = el("div", { class: "extras" });
  fill(box, row, scene);
  return box;
}

/**
 * Brings them up to date; who has the focus there keeps it.
 * @param {Element} node of the message
 * @param {Said} row
 * @param {Scene} scene
 */
export function renewExtras(node, row, scene) {
  const box = node.querySelector(".extras");
  if (!box) return;
  const { activeElement } = document;
  /** @type {HTMLButtonElement | null} */
  const focused = activeElement && box.contains(activeElement) ? activeElement.closest("button") : null;
  fill(box, row, scene);
  if (!focused) return;
  const { value, dataset } = focused;
  const same = [...box.querySelectorAll("button")].find((one) => one.value === value && one.dataset.do === dataset.do);
  /** @type {HTMLElement} */ (same ?? node).focus({ preventScroll: true });
}

/**
 * @param {Element} box
 * @param {Said} row
 * @param {Scene} scene
 */
function fill(box, { event, waiting, replies }, { room, chat }) {
  const { amending } = chat;
  const parts = [];
  const chips = (event.reactions ?? []).map((one) => {
    const under = waiting.some(({ amend }) => amend?.emoji === one.emoji);
    const made = chip(one, amending.reactsWith(event, one.emoji), under);
    return renewed(box, made) ?? el("li", {}, made);
  });
  if (chips.length) {
    const more = el("button", { type: "button", class: "reaction add", "data-do": "pick", "aria-label": "React", title: "React" }, icon("smile"));
    if (amending.mayReact(room, event)) chips.push(el("li", {}, more));
    parts.push(el("ul", { class: "reactions", role: "list", "aria-label": "Reactions" }, ...chips));
  }
  if (replies) {
    const words = `${replies.toLocaleString()} ${replies === 1 ? "reply" : "replies"}`;
    parts.push(el("button", { type: "button", class: "plain replies", "data-do": "conversation" }, icon("talk"), words));
  }
  for (const { nonce, why, amend } of waiting) {
    if (!why || amend?.kind !== "edited") continue;
    const button = (/** @type {string} */ act, /** @type {string} */ label) =>
      el("button", { type: "button", "data-do": act, "data-nonce": nonce }, label);
    const ways = [button("retry", "Try again"), button("edit", "Edit"), button("discard", "Discard")];
    parts.push(el("p", { class: "why", role: "status" }, el("span", {}, `Not changed. ${why} `), ...ways));
  }
  box.replaceChildren(...parts);
}

/**
 * The node of the same reaction, if there is one, brought up to date: a press that has begun on it ends on it.
 * @param {Element} box
 * @param {HTMLButtonElement} made
 */
function renewed(box, made) {
  const known = [...box.querySelectorAll("button")].find(({ value, dataset }) => dataset.do === "react" && value === made.value);
  for (const { name, value } of known ? made.attributes : []) known?.setAttribute(name, value);
  known?.lastElementChild?.replaceChildren(...(made.lastElementChild?.childNodes ?? []));
  return known?.parentElement;
}

/**
 * @param {Reaction} reaction
 * @param {boolean} mine
 * @param {boolean} waits to be sent
 */
function chip({ emoji, users }, mine, waits) {
  const shown = safe(emoji.slice(0, EMOJI_CHARS));
  const names = listed(users.slice(0, MOST_NAMED + 2).map(safe), MOST_NAMED);
  const more = users.length - MOST_NAMED - 2;
  const who = more > 0 ? `${users.slice(0, MOST_NAMED).map(safe).join(", ")} and ${(more + 2).toLocaleString()} others` : names;
  return el(
    "button",
    {
      type: "button",
      class: `reaction${mine ? " mine" : ""}${waits ? " waits" : ""}`,
      value: emoji,
      "data-do": "react",
      "aria-pressed": String(mine),
      "aria-label": `${shown} ${users.length.toLocaleString()}: ${who}`,
      title: who,
    },
    el("bdi", {}, shown),
    el("span", {}, users.length.toLocaleString()),
  );
}
