/** What those who administer the whole server find in the settings. */
import { SERVER } from "../text/deeds.js";
import { el } from "./dom.js";
import { showAudit, showBans } from "./record-dialogs.js";

/**
 * Null for others.
 * @param {import("../chat/moderating.js").Moderating} moderating
 */
export function administration(moderating) {
  if (!moderating.administers) return null;
  const button = (/** @type {string} */ label, /** @type {typeof showBans | typeof showAudit} */ show) =>
    el("button", { type: "button", onclick: () => show(moderating, SERVER, "the whole server") }, label);
  return el(
    "fieldset",
    {},
    el("legend", {}, "The whole server"),
    button("Who is banned from it", showBans),
    button("What was done on it", showAudit),
  );
}
