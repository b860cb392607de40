/** Small dialogs before something is done to somebody: for how long, and why. A refusal is told in them. */
import { inWords } from "../text/durations.js";
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";

const REASON_CHARS = 300;
const TIMES = [600, 3600, 86_400, 604_800];

/**
 * What was chosen; `seconds`: null for good.
 * @typedef {{seconds?: number | null, reason?: string, network?: boolean}} Chosen
 */

/**
 * @param {object} given
 * @param {string} given.title
 * @param {string} given.does what happens by it, as a sentence
 * @param {string} given.label of the button
 * @param {string} [given.forGood] how it is without a time; without it, there is no time
 * @param {string} [given.network] what to check for the network, too; without it, there is no such choice
 * @param {(chosen: Chosen) => Promise<string>} given.act resolves to why it is refused, or ""
 */
export function askDeed({ title, does, label, forGood, network, act }) {
  const time = el(
    "select",
    { id: "deed-time" },
    ...TIMES.map((seconds) => el("option", { value: seconds }, `For ${inWords(seconds)}`)),
    el("option", { value: "" }, forGood ?? ""),
  );
  const reason = el("input", { id: "deed-reason", maxlength: REASON_CHARS, dir: "auto", autocomplete: "off" });
  const wide = el("input", { type: "checkbox", id: "deed-network" });
  const { form, ask } = asking(label, async () => {
    const chosen = {
      ...(forGood && { seconds: time.value ? Number(time.value) : null }),
      ...(reason.value.trim() && { reason: reason.value.trim() }),
      ...(network && wide.checked && { network: true }),
    };
    return act(chosen);
  });
  form.prepend(
    el("p", {}, does),
    forGood ? el("p", {}, el("label", { for: "deed-time" }, "For how long"), time) : "",
    el("p", {}, el("label", { for: "deed-reason" }, "Why (everybody can read it; may be left out)"), reason),
    network ? el("p", { class: "check" }, wide, el("label", { for: "deed-network" }, network)) : "",
  );
  const dialog = openDialog(title, el("div", { class: "scrolls" }, form));
  ask(dialog);
  (forGood ? time : reason).focus();
  return dialog;
}

/**
 * A form with a button and a place for why something is refused. `ask(dialog)`: closes the dialog when it is done.
 * @param {string} label
 * @param {() => Promise<string>} act resolves to why it is refused, or ""
 */
export function asking(label, act) {
  const button = el("button", { class: "primary" }, label);
  const problem = el("p", { class: "problem", role: "alert" });
  const form = el("form", { class: "deed", autocomplete: "off" }, problem, el("p", { class: "field" }, button));
  const ask = (/** @type {HTMLDialogElement} */ dialog) =>
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      problem.textContent = "";
      const why = await act();
      button.disabled = false;
      problem.textContent = why;
      if (!why) dialog.close();
    });
  return { form, ask, problem, button };
}
