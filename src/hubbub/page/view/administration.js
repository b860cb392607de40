/** What those who administer the whole server find in the settings. */
import { SERVER } from "../text/deeds.js";
import { el } from "./dom.js";
import { showLinks, showResetLink } from "./ticket-dialog.js";
import { showFilters } from "./list-dialogs.js";
import { showAudit, showBans } from "./record-dialogs.js";

/**
 * Null for others.
 * @param {import("../chat/moderating.js").Moderating} moderating
 * @param {() => void} showPage shows the administrator's page
 */
export function administration(moderating, showPage) {
  if (!moderating.administers) return null;
  const button = (/** @type {string} */ label, /** @type {typeof showBans | typeof showAudit | typeof showLinks} */ show) =>
    el("button", { type: "button", onclick: () => show(moderating, SERVER, "the whole server") }, label);
  return el(
    "fieldset",
    {},
    el("legend", {}, "The whole server"),
    el("button", { type: "button", class: "primary", onclick: (/** @type {MouseEvent} */ { target }) => leaving(target, showPage) }, "Administer it"),
    button("Who is banned from it", showBans),
    button("What was done on it", showAudit),
    button("Links to this server", showLinks),
    el("button", { type: "button", onclick: () => showResetLink(moderating) }, "A link for a new password"),
    button("Words that may not be said on it", showFilters),
  );
}

/**
 * Closes the dialog of a button, and goes on to somewhere else.
 * @param {EventTarget | null} button
 * @param {() => void} go
 */
function leaving(button, go) {
  if (button instanceof Element) button.closest("dialog")?.close();
  go();
}
