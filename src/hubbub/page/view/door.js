/** The door of a room that asks for a password. */
import { missed, withDialogs } from "./more.js";

/** @typedef {import("../chat/room.js").Room} Room */

/**
 * Asks for the password of a room when the user wants to go there.
 * @param {import("../chat/rooms.js").Rooms} rooms
 * @param {(room: Room) => void} goBack the user does not come in
 */
export function keepDoor(rooms, goBack) {
  /** @type {Room | null} */
  let asked = null;
  const leave = () => {
    const room = asked;
    asked = null;
    if (room && room.stage !== "in" && rooms.get(room.key) === room) goBack(room);
  };
  missed.on(leave);
  rooms.locked.on((room) => {
    if (room !== rooms.current || asked) return;
    asked = room;
    withDialogs(({ password }) => password(rooms, room, leave));
  });
}
