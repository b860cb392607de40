/** What waits for those who moderate a room: reports, messages of newcomers, and who wants to come in. It is live. */
import { keyOf } from "../text/names.js";
import { safe } from "../text/safe.js";
import { dayName, fullTimeOf, isoOf, timeOf } from "../text/when.js";
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";
import { ban, kick, mute } from "./person-items.js";

/**
 * @typedef {import("../chat/room.js").Room} Room
 * @typedef {import("../chat/state.js").QueueItem} QueueItem
 */

/**
 * @param {import("../chat/chat.js").Chat} chat
 * @param {Room} room
 * @param {(seq: number) => void} goTo brings a message of the room into sight
 */
export function showQueue(chat, room, goTo) {
  const { moderating } = chat;
  const status = el("p", { role: "status", class: "quiet" }, "Looking…");
  const problem = el("p", { class: "problem", role: "alert" });
  const list = el("ul", { role: "list", class: "records queue", "aria-label": "What waits" });
  const place = el("div", { class: "scrolls", tabindex: "0", role: "group", "aria-label": "Queue" }, status, problem, list);
  const dialog = openDialog(`Waiting for a moderator: # ${safe(room.name)}`, place);
  /** @type {Map<number, HTMLElement>} by the numbers of what waits */
  let rows = new Map();

  const settle = async (/** @type {QueueItem} */ item, /** @type {boolean} */ approve) => {
    const at = [...rows.keys()].indexOf(item.seq); // a button that is off loses the focus
    setBusy(rows.get(item.seq), true);
    problem.textContent = await moderating.do({ type: "settle", room: room.name, item: item.seq, ...(approve && { approve }) });
    setBusy(rows.get(item.seq), false);
    await look();
    const next = [...rows.values()][Math.min(at, rows.size - 1)];
    if (dialog.open && !dialog.contains(document.activeElement)) (next?.querySelector("button") ?? place).focus();
  };
  const deeds = { settle, goTo: (/** @type {number} */ seq) => (dialog.close(), goTo(seq)) };

  let asked = 0;
  const look = async () => {
    const mine = ++asked;
    try {
      const items = await moderating.queue(room.name);
      if (mine === asked) show(items);
    } catch (error) {
      problem.textContent = /** @type {Error} */ (error).message;
      status.textContent = "";
    }
  };
  const show = (/** @type {QueueItem[]} */ items) => {
    rows = new Map(items.map((item) => [item.seq, rows.get(item.seq) ?? rowOf(chat, room, item, deeds)]));
    // Rows that stay are not moved, so that they keep the focus.
    for (const row of [...list.children]) if (![...rows.values()].some((one) => one === row)) row.remove();
    for (const row of rows.values()) if (!row.isConnected) list.append(row);
    status.textContent = items.length ? (items.length === 1 ? "1 thing waits." : `${items.length} things wait.`) : "Nothing waits.";
  };

  let { standing } = room;
  const stop = chat.rooms.roomChanged.on((one) => {
    if (one !== room || room.standing === standing) return;
    standing = room.standing;
    look();
  });
  dialog.addEventListener("close", stop);
  look();
}

/** @type {(row: HTMLElement | undefined, busy: boolean) => void} */
function setBusy(row, busy) {
  for (const button of row?.querySelectorAll("button") ?? []) button.disabled = busy;
}

/**
 * @param {import("../chat/chat.js").Chat} chat
 * @param {Room} room
 * @param {QueueItem} item
 * @param {{settle: (item: QueueItem, approve: boolean) => void, goTo: (seq: number) => void}} deeds
 */
function rowOf({ moderating, user: me }, room, item, { settle, goTo }) {
  const { kind, by, user, text, about, reason, at } = item;
  const button = (/** @type {string} */ label, /** @type {() => void} */ act, first = false) =>
    el("button", { type: "button", class: first && "primary", onclick: act }, label);
  const name = (/** @type {string} */ one) => el("bdi", { class: "by" }, safe(one));
  const words = text ? el("blockquote", { dir: "auto" }, safe(text)) : "";
  const time = el("time", { datetime: isoOf(at), title: fullTimeOf(at) }, `${dayName(at)}, ${timeOf(at)}`);
  if (kind === "report") {
    const may = (/** @type {string} */ action) => user !== undefined && keyOf(user) !== keyOf(me) && moderating.may(action, room, user);
    const whom = user ?? "";
    return el(
      "li",
      {},
      el("p", {}, name(by), " finds a message of ", name(whom), " bad", reason ? ": " : ".", reason && el("bdi", {}, safe(reason)), " ", time),
      words,
      el(
        "p",
        { class: "field", role: "group", "aria-label": `Report about ${safe(whom)}` },
        button("Done", () => settle(item, true), true),
        about !== undefined && button("Go to the message", () => goTo(about)),
        may("mute") && button("Mute…", () => mute(moderating, room.name, whom)),
        may("kick") && room.members.has(keyOf(whom)) && button("Put out…", () => kick(moderating, room.name, whom, "the room")),
        may("ban") && button("Ban…", () => ban(moderating, room.name, whom, "the room")),
      ),
    );
  }
  const held = kind === "held";
  const [yes, no] = held ? ["Let it through", "Refuse it"] : ["Let in", "Turn away"];
  return el(
    "li",
    {},
    el("p", {}, name(by), held ? ", who is new here, wants to say:" : text ? " wants to come in:" : " wants to come in.", " ", time),
    words,
    el(
      "p",
      { class: "field", role: "group", "aria-label": held ? `Message of ${safe(by)}` : `Request of ${safe(by)}` },
      button(yes, () => settle(item, true), true),
      button(no, () => settle(item, false)),
    ),
  );
}
