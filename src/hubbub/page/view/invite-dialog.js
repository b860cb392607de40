/** Inviting people into a room: by name, or by a link to it. */
import { byName, keyOf } from "../text/names.js";
import { safe } from "../text/safe.js";
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";
import { linkPart } from "./ticket-dialog.js";

const MOST_OFFERED = 50; // names

/**
 * @param {import("../chat/chat.js").Chat} chat
 * @param {import("../chat/room.js").Room} room
 * @param {() => void} copyLink
 */
export function showInvite(chat, room, copyLink) {
  const name = el("input", { id: "invite-name", list: "invite-names", maxlength: "128", dir: "auto", autocomplete: "off" });
  const known = new Map([...chat.rooms].flatMap(({ members }) => [...members]));
  const names = [...known].filter(([key]) => !room.members.has(key)).map(([, member]) => member.name);
  const offered = el("datalist", { id: "invite-names" }, ...names.sort(byName).slice(0, MOST_OFFERED).map((one) => el("option", { value: one })));
  const invite = el("button", { class: "primary" }, "Invite");
  const problem = el("p", { class: "problem", role: "alert" });
  const done = el("p", { class: "quiet", role: "status" });
  const form = el(
    "form",
    { autocomplete: "off" },
    el("label", { for: "invite-name" }, "Whom?"),
    el("div", { class: "field" }, name, offered, invite),
    problem,
    done,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const user = name.value.trim().replace(/^@/, "");
    if (!keyOf(user)) return;
    invite.disabled = true;
    problem.textContent = done.textContent = "";
    problem.textContent = await chat.moderating.do({ type: "invite", room: room.name, user });
    invite.disabled = false;
    if (!problem.textContent) {
      done.textContent = `${safe(user)} is invited, and is told so.`;
      name.value = "";
    }
    name.focus();
  });
  const link = el("button", { type: "button" }, "Copy a link to this room");
  const closed = ["members", "locked"].includes(room.access);
  const about = closed ? "It leads only those into the room who may come in: whom you have invited, say." : "Who has it can come in.";
  const dialog = openDialog(
    `Invite to # ${safe(room.name)}`,
    el(
      "div",
      { class: "scrolls" },
      form,
      ...(closed ? [el("h3", {}, "By a link that lets people in"), linkPart(chat.moderating, room.name), el("h3", {}, "By a link for who may come in anyway")] : []),
      el("p", {}, link),
      el("p", { class: "quiet" }, about),
    ),
  );
  link.addEventListener("click", () => {
    dialog.close();
    copyLink();
  });
  name.focus();
}
