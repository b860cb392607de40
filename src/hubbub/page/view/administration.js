/** What those who administer the whole server find in the settings. */
import { SERVER } from "../text/deeds.js";
import { el } from "./dom.js";
import { showLinks, showResetLink } from "./ticket-dialog.js";
import { showFilters } from "./list-dialogs.js";
import { showAudit, showBans } from "./record-dialogs.js";

/**
 * Null for others.
 * @param {import("../chat/moderating.js").Moderating} moderating
 */
export function administration(moderating) {
  if (!moderating.administers) return null;
  const button = (/** @type {string} */ label, /** @type {typeof showBans | typeof showAudit | typeof showLinks} */ show) =>
    el("button", { type: "button", onclick: () => show(moderating, SERVER, "the whole server") }, label);
  return el(
    "fieldset",
    {},
    el("legend", {}, "The whole server"),
    button("Who is banned from it", showBans),
    button("What was done on it", showAudit),
    button("Links to this server", showLinks),
    el("button", { type: "button", onclick: () => showResetLink(moderating) }, "A link for a new password"),
    button("Words that may not be said on it", showFilters),
  );
}
