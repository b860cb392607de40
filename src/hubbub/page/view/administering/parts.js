/** What the sections of the administrator's page consist of: facts, buttons that do something, long lists. */
import { asking } from "../deed-dialog.js";
import { openDialog } from "../dialog.js";
import { el } from "../dom.js";

const PAUSE_MS = 200; // without a key, until the server is asked
const PAGE = 50; // rows that are asked for at a time
const MOST_ROWS = 1000; // that are shown: of more, one searches

/** A place for what went wrong, which a screen reader reads out. */
export const problemLine = () => el("p", { class: "problem", role: "alert" });

/**
 * What is known, as pairs.
 * @param {[string, import("../dom.js").Child][]} rows
 */
export const factList = (rows) => el("dl", { class: "server-facts" }, ...rows.map(([about, said]) => el("div", {}, el("dt", {}, about), el("dd", { dir: "auto" }, said))));

/**
 * A button that cannot be pressed again until what it does is done.
 * @param {string} label
 * @param {() => unknown} act
 * @param {Record<string, import("../dom.js").Attribute>} [attributes]
 */
export function doing(label, act, attributes = {}) {
  const made = el("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", async () => {
    made.disabled = true;
    await act();
    made.disabled = false;
    if (document.activeElement === document.body && made.isConnected) made.focus(); // what is disabled loses the focus
  });
  return made;
}

/**
 * A question before something is done.
 * @param {object} given
 * @param {string} given.title
 * @param {string} given.does what happens by it
 * @param {string} given.label of the button
 * @param {Element[]} [given.fields]
 * @param {() => Promise<string>} given.act resolves to why it is refused, or ""
 */
export function question({ title, does, label, fields = [], act }) {
  const { form, ask } = asking(label, act);
  form.prepend(el("p", {}, does), ...fields);
  const dialog = openDialog(title, el("div", { class: "scrolls" }, form));
  ask(dialog);
  /** @type {HTMLElement | null} */
  const first = form.querySelector("input, select, button");
  first?.focus();
  return dialog;
}

/**
 * A long list: searched by the server, a page at a time.
 * @template Row
 * @param {object} given
 * @param {string} given.id
 * @param {string} given.label of the field in which one searches
 * @param {string} given.none what stands there if nothing is found
 * @param {(which: {query?: string, after?: string, limit: number}) => Promise<{rows: Row[], next?: string | null, total: number}>} given.look
 * @param {(row: Row) => HTMLElement} given.row
 */
export function listing({ id, label, none, look, row }) {
  const field = el("input", { id, type: "search", maxlength: "100", dir: "auto", autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
  const problem = problemLine();
  const status = el("p", { class: "quiet", role: "status" });
  const list = el("ul", { role: "list", class: "room-list", "aria-label": label });
  const more = el("button", { type: "button", class: "plain more-rooms", hidden: true }, "More");
  let [asked, timer] = [0, 0];
  /** @type {string | null} */
  let next = null;
  const load = async (/** @type {string | null} */ after = null) => {
    clearTimeout(timer);
    const mine = ++asked;
    more.disabled = true;
    const query = field.value.trim();
    try {
      const found = await look({ limit: PAGE, ...(query && { query }), ...(after !== null && { after }) });
      if (mine !== asked) return; // another question is under way
      const rows = found.rows.slice(0, PAGE).map(row); // whatever a server sends
      const at = [...list.children].findIndex((one) => one.contains(document.activeElement));
      if (after === null) list.replaceChildren(...rows);
      else list.append(...rows);
      next = found.next ?? null;
      problem.textContent = "";
      const shown = list.children.length;
      const full = next !== null && shown >= MOST_ROWS;
      more.hidden = next === null || full;
      status.textContent = !shown ? none : shown < found.total ? `${shown.toLocaleString("en")} of ${found.total.toLocaleString("en")}.${full ? " Search to find any other." : ""}` : "";
      const focused = after === null ? list.children[Math.min(at, shown - 1)] : rows[0];
      if (after !== null || at >= 0) focused?.querySelector("button")?.focus();
    } catch (error) {
      if (mine === asked) problem.textContent = /** @type {Error} */ (error).message;
    }
    more.disabled = false;
  };
  more.addEventListener("click", () => load(next));
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => load(), PAUSE_MS);
  });
  const node = el("div", {}, el("label", { for: id }, label), field, problem, status, list, more);
  return { node, load: () => load() };
}

/**
 * A row of a list, which opens something.
 * @param {string} name
 * @param {import("../dom.js").Child[]} about shown behind the name
 * @param {() => unknown} open
 */
export function openingRow(name, about, open) {
  const button = el("button", { type: "button", "aria-haspopup": "dialog" }, el("span", { class: "room-name" }, el("bdi", {}, name)), el("span", { class: "room-facts" }, ...about));
  button.addEventListener("click", () => open());
  return el("li", {}, button);
}
