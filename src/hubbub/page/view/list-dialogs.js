/** What may not be said in a room, and who is invited and has not come yet: lists from which one takes away. */
import { patternInWords } from "../text/patterns.js";
import { safe } from "../text/safe.js";
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";

const PATTERN_CHARS = 200;

/**
 * @typedef {import("../chat/moderating.js").Moderating} Moderating
 * @typedef {{words: string, takesAway: string, label: string, command: import("../net/frames.js").Command}} Row
 */

/**
 * A list in which each row has a button that takes it away. `look` fetches it, and is called again after each change.
 * @param {Moderating} moderating
 * @param {string} label
 * @param {string} none what stands there if it is empty
 * @param {() => Promise<Row[]>} look
 */
function listOf(moderating, label, none, look) {
  const problem = el("p", { class: "problem", role: "alert" });
  const list = el("ul", { role: "list", class: "records", "aria-label": label, tabindex: "-1" }, el("li", {}, "Looking…"));
  const draw = async () => {
    try {
      const rows = await look();
      const at = [...list.children].findIndex((row) => row.contains(document.activeElement));
      list.replaceChildren(...rows.map(row));
      if (!rows.length) list.append(el("li", {}, none));
      if (at >= 0) (list.children[Math.min(at, rows.length - 1)]?.querySelector("button") ?? list).focus();
    } catch (error) {
      list.replaceChildren();
      problem.textContent = /** @type {Error} */ (error).message;
    }
  };
  const change = async (/** @type {import("../net/frames.js").Command} */ command) => {
    problem.textContent = await moderating.do(command);
    if (!problem.textContent) await draw();
    return !problem.textContent;
  };
  const row = (/** @type {Row} */ { words, takesAway, label, command }) => {
    const button = el("button", { type: "button", "aria-label": label }, takesAway);
    button.addEventListener("click", () => change(command));
    return el("li", {}, el("span", { dir: "auto" }, words), button);
  };
  draw();
  return { problem, list, change };
}

/**
 * What may not be said in a room, or on the whole server.
 * @param {Moderating} moderating
 * @param {string} room its name on the server
 * @param {string} title what it is called here
 */
export function showFilters(moderating, room, title) {
  const { problem, list, change } = listOf(moderating, "Patterns", "Everything may be said.", async () => {
    const { filters = [] } = await moderating.bans(room);
    return filters.map((pattern) => ({
      words: safe(pattern),
      takesAway: "Take away",
      label: `Allow ${safe(pattern)} again`,
      command: { type: "filter", room, pattern, on: false },
    }));
  });
  const pattern = el("input", { id: "filter-pattern", maxlength: PATTERN_CHARS, dir: "auto", autocomplete: "off", autocapitalize: "none", spellcheck: "false", "aria-describedby": "filter-fits" });
  const fits = el("p", { id: "filter-fits", class: "quiet", role: "status" });
  const add = el("button", { class: "primary" }, "Add");
  const form = el("form", { autocomplete: "off" }, el("label", { for: "filter-pattern" }, "What may not be said"), el("div", { class: "field" }, pattern, add), fits);
  pattern.addEventListener("input", () => (fits.textContent = patternInWords(pattern.value)));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!pattern.value.trim()) return;
    add.disabled = true;
    if (await change({ type: "filter", room, pattern: pattern.value.trim() })) {
      pattern.value = "";
      fits.textContent = "";
    }
    add.disabled = false;
    pattern.focus();
  });
  const how = "A word, or words; * stands for any letters, as in spam*. Or a regular expression between slashes, as in /buy|sell/. Case and accents do not matter. Who moderates may say anything.";
  openDialog(`Words that may not be said: ${title}`, el("div", { class: "scrolls", tabindex: "0", role: "group", "aria-label": "Words" }, form, el("p", { class: "quiet" }, how), problem, list));
  pattern.focus();
}

/**
 * Who may come into a room and has not done so yet.
 * @param {Moderating} moderating
 * @param {string} room
 * @param {string} title
 */
export function showInvited(moderating, room, title) {
  const { problem, list } = listOf(moderating, "Invited", "Nobody is invited who has not come yet.", async () => {
    const { invited = [] } = await moderating.bans(room);
    return invited.map((user) => ({
      words: safe(user),
      takesAway: "Take back",
      label: `Take back the invitation of ${safe(user)}`,
      command: { type: "end-invitation", room, user },
    }));
  });
  openDialog(`Invited, not here yet: ${title}`, el("div", { class: "scrolls", tabindex: "0", role: "group", "aria-label": "Invited" }, problem, list));
}
