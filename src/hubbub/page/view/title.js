/** The title and the icon of the tab: the room, and how much is unread in all rooms. */
import { safe } from "../text/safe.js";
import { MAX_COUNT, sum } from "../text/unread.js";

const SETTLED_MS = 50; // changes within it are shown together: each title costs a message to the browser's main process
const ICONS = { "": "static/icon.svg", unread: "static/icon-unread.svg", named: "static/icon-named.svg" };

/**
 * Shows it from now on.
 * @param {import("../chat/chat.js").Chat} chat
 */
export function showInTitle(chat) {
  const link = document.querySelector("link[rel=icon]");
  let timer = 0;
  const show = () => {
    timer = 0;
    const { unread, mentions } = sum([...chat.rooms]);
    const { current } = chat.rooms;
    const count = unread ? `(${unread >= MAX_COUNT ? `${MAX_COUNT}+` : unread}${mentions ? " @" : ""}) ` : "";
    const title = `${count}${current ? `${safe(current.title)} · ` : ""}${safe(chat.server)}`;
    if (document.title !== title) document.title = title;
    const icon = ICONS[mentions ? "named" : unread ? "unread" : ""];
    if (link?.getAttribute("href") !== icon) link?.setAttribute("href", icon);
  };
  const showSoon = () => {
    timer ||= setTimeout(show, SETTLED_MS);
  };
  chat.rooms.changed.on(showSoon);
  chat.login.changed.on(showSoon);
}
