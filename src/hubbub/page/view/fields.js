/** Fields for passwords, and forms whose problems stand at their fields. */
import { el } from "./dom.js";

const MOST_CHARS = 1000; // as the server takes

/**
 * A field for a password; its name tells a password manager what it is for (HTML, 4.10.18.7: autofill).
 * @param {string} id
 * @param {"current-password" | "new-password"} kind
 * @param {string} describedBy
 */
export const passwordField = (id, kind, describedBy) =>
  el("input", { id, name: id, type: "password", autocomplete: kind, maxlength: MOST_CHARS, "aria-describedby": describedBy });

/**
 * A field below its label.
 * @param {string} label
 * @param {HTMLInputElement} field
 */
export const labelled = (label, field) => el("div", {}, el("label", { for: field.id }, label), field);

/**
 * A form that asks for something. `ask` does it, and resolves to why it is refused, or null: that is shown at the
 * fields, which keep what was typed; after a success they are empty.
 * @param {object} given
 * @param {string} given.id
 * @param {string} given.does the label of its button
 * @param {{label: string, field: HTMLInputElement}[]} given.fields the problem is that of the last one
 * @param {() => Promise<Error | null>} given.ask
 * @param {() => void} given.done
 */
export function askingForm({ id, does, fields, ask, done }) {
  const button = el("button", {}, does);
  const problem = el("p", { id: `${id}-problem`, class: "problem", role: "alert" });
  const last = fields[fields.length - 1].field;
  const say = (/** @type {string} */ sentence) => {
    problem.textContent = sentence;
    last.setAttribute("aria-invalid", String(Boolean(sentence)));
  };
  const form = el("form", {}, ...fields.map(({ label, field }) => labelled(label, field)), problem, button);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    say("");
    button.disabled = true;
    const error = await ask();
    button.disabled = false;
    if (error) {
      say(error.message);
      last.focus();
      return;
    }
    for (const { field } of fields) if (!field.readOnly) field.value = "";
    done();
  });
  form.addEventListener("input", () => say(""));
  return form;
}
