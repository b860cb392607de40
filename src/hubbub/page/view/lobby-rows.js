/** The rows of the list of all rooms. */
import { safe } from "../text/safe.js";
import { MAX_COUNT, unreadWords } from "../text/unread.js";
import { ago } from "../text/when.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";

/** @typedef {import("../text/unread.js").Count} Count */

/**
 * The row of a room.
 * @param {import("../chat/ranking.js").Offered} info
 * @param {Count | undefined} count what is unread in it, if the user is in it
 * @param {(name: string) => void} choose
 */
export function roomRow({ name, users, at, topic, access, invited }, count, choose) {
  const people = `${users.toLocaleString()} ${users === 1 ? "user" : "users"}`;
  const button = el(
    "button",
    { type: "button", value: name },
    icon(access === "members" || access === "locked" ? "lock" : "rooms"),
    el(
      "span",
      { class: "room-name" },
      el("bdi", {}, safe(name)),
      ...[invited && "you are invited", access === "members" && "private", access === "locked" && "with a password"].map(
        (mark) => mark && el("span", { class: "tag" }, mark),
      ),
      topic && el("small", { dir: "auto" }, safe(topic)),
    ),
    count && count.unread > 0 && badge(count),
    el("span", { class: "room-facts" }, people, at && el("small", {}, ago(at))),
  );
  button.addEventListener("click", () => choose(name));
  return el("li", {}, button);
}

/** @param {Count} count */
function badge(count) {
  const words = `${count.mentions ? "@ " : ""}${Math.min(count.unread, MAX_COUNT)}`;
  return el("span", { class: count.mentions ? "badge named" : "badge", title: unreadWords(count) }, words);
}

/**
 * The row that creates a room.
 * @param {string} name
 * @param {string} does what it does, in words before the name
 * @param {(name: string) => void} choose
 */
export function newRoomRow(name, does, choose) {
  const words = el("span", {}, does, el("bdi", {}, safe(name)));
  const button = el("button", { type: "button", class: "make", value: name }, icon("plus"), words);
  button.addEventListener("click", () => choose(name));
  return el("li", {}, button);
}
