/** The dialog at the door of a room that asks for a password. */
import { safe } from "../text/safe.js";
import { asking } from "./deed-dialog.js";
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";

/**
 * Asks for the password of a room.
 * @param {import("../chat/rooms.js").Rooms} rooms
 * @param {import("../chat/room.js").Room} room
 * @param {() => void} closed
 */
export function askPassword(rooms, room, closed) {
  const password = el("input", { id: "room-password", type: "password", autocomplete: "off", maxlength: "1000" });
  const { form, ask } = asking("Come in", async () => {
    room.locked = "";
    await rooms.unlock(room, password.value);
    if (room.stage === "in" || rooms.get(room.key) !== room) return "";
    password.select();
    return room.locked || "That did not work now. Please wait a moment, and try again.";
  });
  form.prepend(
    el("p", {}, "This room asks for a password. Who is in it can tell you."),
    el("p", {}, el("label", { for: "room-password" }, "Password"), password),
  );
  const dialog = openDialog(`# ${safe(room.name)}`, el("div", { class: "scrolls" }, form));
  ask(dialog);
  dialog.addEventListener("close", closed);
  password.focus();
}

/**
 * Asks before somebody leaves a room for good into which they cannot come back by themselves.
 * @param {string} room
 * @param {() => void} leave
 */
export function askLeave(room, leave) {
  const { form, ask, button } = asking("Leave for good", async () => {
    leave();
    return "";
  });
  form.prepend(el("p", {}, "Only its members read this room. To come back, you need to be invited again."));
  ask(openDialog(`Leave # ${safe(room)}`, el("div", { class: "scrolls" }, form)));
  button.focus();
}
