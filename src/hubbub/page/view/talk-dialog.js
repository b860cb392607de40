/** Choosing people for a direct conversation: those who are known here, and whoever else is typed. */
import { byName, keyOf } from "../text/names.js";
import { safe } from "../text/safe.js";
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";

const MOST_OTHERS = 8; // people of a conversation, beside the user
const MOST_SHOWN = 50; // of those who can be chosen; of more, those that fit what is typed

/**
 * @param {object} given
 * @param {string[]} given.known names of people who are known here
 * @param {(names: string[]) => Promise<Error | null>} given.begin resolves to why it cannot be
 * @param {() => void} given.done
 */
export function showTalk({ known, begin, done }) {
  /** @type {string[]} */
  let chosen = [];
  const wish = el("input", { id: "talk-name", maxlength: "128", autocomplete: "off", autocapitalize: "none", spellcheck: "false", dir: "auto", "aria-describedby": "talk-problem" });
  const people = el("ul", { role: "list", class: "chosen", "aria-label": "With whom" });
  const offered = el("ul", { role: "list", class: "offered", "aria-label": "People" });
  const problem = el("p", { id: "talk-problem", class: "problem", role: "alert" });
  const start = el("button", { class: "primary" }, "Begin");
  const form = el("form", { autocomplete: "off" }, el("label", { for: "talk-name" }, "Who? Enter adds a name"), el("div", { class: "field" }, wish, start), problem, people, offered);
  const made = openDialog("New conversation", el("div", { class: "scrolls" }, form));

  const is = (/** @type {string} */ name) => (/** @type {string} */ one) => keyOf(one) === keyOf(name);
  const fitting = () => {
    const key = keyOf(wish.value);
    return known.filter((name) => keyOf(name).includes(key) && !chosen.some(is(name))).sort(byName).slice(0, MOST_SHOWN);
  };
  const draw = () => {
    people.hidden = !chosen.length;
    people.replaceChildren(...chosen.map((name) => row(name, "close", `Without ${safe(name)}`, () => set(chosen.filter((one) => one !== name)))));
    offered.replaceChildren(...fitting().map((name) => row(name, "plus", `With ${safe(name)}`, () => add(name))));
    start.textContent = wish.value.trim() ? "Add" : "Begin";
    start.disabled = !wish.value.trim() && !chosen.length;
  };
  const set = (/** @type {string[]} */ names) => {
    chosen = names;
    wish.value = "";
    problem.textContent = "";
    draw();
    wish.focus();
  };
  const add = (/** @type {string} */ name) => {
    if (chosen.length >= MOST_OTHERS) problem.textContent = `A conversation has at most ${MOST_OTHERS + 1} people, with you.`;
    else set([...chosen.filter((one) => !is(name)(one)), name]);
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const typed = wish.value.trim();
    if (typed) {
      add(known.find(is(typed)) ?? typed);
      return;
    }
    start.disabled = true;
    const error = await begin(chosen);
    start.disabled = false;
    if (!error) {
      made.close();
      done();
    } else problem.textContent = error.message;
  });
  wish.addEventListener("input", () => {
    problem.textContent = "";
    draw();
  });
  draw();
  wish.focus();
}

/**
 * @param {string} name
 * @param {import("./icons.js").Icon} sign
 * @param {string} label
 * @param {() => void} act
 */
function row(name, sign, label, act) {
  return el("li", {}, el("button", { type: "button", class: "row", "aria-label": label, onclick: act }, icon(sign), el("bdi", {}, safe(name))));
}
