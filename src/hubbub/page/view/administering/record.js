/** Who is banned from the whole server, which words may not be said on it, and what was done there. */
import { SERVER } from "../../text/deeds.js";
import { el } from "../dom.js";
import { showFilters } from "../list-dialogs.js";
import { ban } from "../person-items.js";
import { auditPart, bansPart } from "../record-dialogs.js";
import { question } from "./parts.js";

/**
 * @param {import("./page.js").Given} given
 * @returns {import("./page.js").SectionMade}
 */
export function record({ chat: { moderating } }) {
  const bans = el("div", {});
  const audit = el("div", {});
  const filters = el("button", { type: "button", "aria-haspopup": "dialog" }, "Words that may not be said…");
  filters.addEventListener("click", () => showFilters(moderating, SERVER, "the whole server"));
  const load = () => {
    const [banned, done] = [bansPart(moderating, SERVER), auditPart(moderating, SERVER)];
    bans.replaceChildren(...banned.nodes);
    audit.replaceChildren(...done.nodes);
    return Promise.all([banned.load(), done.load()]);
  };
  const somebody = el("button", { type: "button", "aria-haspopup": "dialog" }, "Ban somebody…");
  somebody.addEventListener("click", () => askWhom((name) => ban(moderating, SERVER, name, "the server").addEventListener("close", load)));
  return { node: el("div", {}, el("p", { class: "choices" }, somebody, filters), el("h3", {}, "Who is banned from this server"), bans, el("h3", {}, "What was done on it"), audit), load };
}

/**
 * Asks for a name: guests are in no list of accounts.
 * @param {(name: string) => void} then
 */
function askWhom(then) {
  const user = el("input", { id: "ban-user", required: true, maxlength: "128", dir: "auto", autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
  let asked = false;
  const dialog = question({
    title: "Ban somebody from the server",
    does: "A guest, or somebody with an account.",
    label: "Go on",
    fields: [el("p", {}, el("label", { for: "ban-user" }, "Whom?"), user)],
    act: async () => {
      asked = true;
      return "";
    },
  });
  dialog.addEventListener("close", () => asked && then(user.value.trim().replace(/^@/, "")));
}
