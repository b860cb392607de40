/** The door of a room that asks for a password. */
import { safe } from "../text/safe.js";
import { asking } from "./deed-dialog.js";
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";

/** @typedef {import("../chat/room.js").Room} Room */

/**
 * Asks for the password of a room when the user wants to go there.
 * @param {import("../chat/rooms.js").Rooms} rooms
 * @param {(room: Room) => void} goBack the user does not come in
 */
export function keepDoor(rooms, goBack) {
  /** @type {Room | null} */
  let asked = null;
  rooms.locked.on((room) => {
    if (room === rooms.current && !asked) ask(room);
  });

  /** @param {Room} room */
  function ask(room) {
    const password = el("input", { id: "room-password", type: "password", autocomplete: "off", maxlength: "1000" });
    const { form, ask: closeWhenDone } = asking("Come in", async () => {
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
    asked = room;
    const dialog = openDialog(`# ${safe(room.name)}`, el("div", { class: "scrolls" }, form));
    closeWhenDone(dialog);
    dialog.addEventListener("close", () => {
      asked = null;
      if (room.stage !== "in" && rooms.get(room.key) === room) goBack(room);
    });
    password.focus();
  }
}
