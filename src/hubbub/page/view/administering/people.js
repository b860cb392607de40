/** The accounts of the server: found by their names, made, and links by which people come. */
import { SERVER } from "../../text/deeds.js";
import { safe } from "../../text/safe.js";
import { SERVER_ROLES } from "../../text/server.js";
import { momentOf } from "../../text/when.js";
import { openDialog } from "../dialog.js";
import { el } from "../dom.js";
import { linkShown, showLinks, showResetLink } from "../ticket-dialog.js";
import { listing, openingRow, question } from "./parts.js";
import { showAccountOf } from "./person.js";

/**
 * @param {import("./page.js").Given} given
 * @returns {import("./page.js").SectionMade}
 */
export function people(given) {
  const { tasks, chat } = given;
  /** @type {() => unknown} */
  const again = () => list.load();
  const list = listing({
    id: "find-people",
    label: "Find an account by a part of its name",
    none: "There is no account like that.",
    look: async (which) => {
      const { users, next, total } = await tasks.ask("users", which);
      return { rows: users, next, total };
    },
    row: (/** @type {any} */ user) => openingRow(safe(user.name), [factsOf(user)], () => showAccountOf(given, user.name, again)),
  });
  const add = el("button", { type: "button", "aria-haspopup": "dialog" }, "Make an account…");
  add.addEventListener("click", () => makeAccount(given, again));
  const invite = el("button", { type: "button", "aria-haspopup": "dialog" }, "Links to this server…");
  invite.addEventListener("click", () => showLinks(chat.moderating, SERVER, "the whole server"));
  const reset = el("button", { type: "button", "aria-haspopup": "dialog" }, "A link for a new password…");
  reset.addEventListener("click", () => showResetLink(chat.moderating));
  return { node: el("div", {}, el("p", { class: "choices" }, tasks.owns && add, invite, reset), list.node), load: list.load };
}

/** @param {{role: import("../../text/kinds.js").Role, here: boolean, banned: boolean, registered?: number | null}} user */
function factsOf({ role, here, banned, registered }) {
  const facts = [role !== "member" && SERVER_ROLES[role], banned && "banned", here ? "here now" : typeof registered === "number" && `since ${momentOf(registered)}`];
  return facts.filter(Boolean).join(" · ");
}

/**
 * Asks for the name of a new account; its password is chosen by a link.
 * @param {import("./page.js").Given} given
 * @param {() => unknown} then
 */
function makeAccount({ tasks }, then) {
  const name = el("input", { id: "new-account", required: true, maxlength: "128", dir: "auto", autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
  /** @type {any} */
  let made = null;
  const dialog = question({
    title: "Make an account",
    does: "You get a link, which you hand to the person: by it they choose their password. It is good for a week.",
    label: "Make it",
    fields: [el("p", {}, el("label", { for: "new-account" }, "Its name"), name)],
    act: async () => {
      try {
        made = await tasks.ask("add-user", { user: name.value.trim().replace(/^@/, "") });
        return "";
      } catch (error) {
        return /** @type {Error} */ (error).message;
      }
    },
  });
  dialog.addEventListener("close", () => {
    if (!made) return;
    then();
    const user = made.user.name;
    openDialog("A link for a new account", el("div", { class: "scrolls account" }, el("p", {}, `Hand it to ${safe(user)} alone, in a way that nobody else can read. It is good for a week, and once.`), ...linkShown({ user, reset: made.link?.code ?? "" })));
  });
}
