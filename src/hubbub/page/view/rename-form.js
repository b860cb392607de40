/** The form where the user changes their name. */
import { el } from "./dom.js";

/** @typedef {import("../net/failures.js").Failure & {suggestion?: string}} Refused */

/**
 * The form. `dialog()` is the dialog that has it, which closes when the name is changed. It says itself why a
 * name is refused; when it is closed by then, `tell` does.
 * @param {object} given
 * @param {string} given.user the name now
 * @param {(name: string) => Promise<Refused | null>} given.rename returns why the name is refused
 * @param {(sentence: string) => void} given.tell
 * @param {() => HTMLDialogElement} given.dialog
 */
export function renameForm({ user, rename, tell, dialog }) {
  const name = el("input", {
    id: "new-name",
    value: user,
    maxlength: "128",
    dir: "auto",
    autocomplete: "off",
    "aria-describedby": "new-name-problem",
  });
  const change = el("button", {}, "Change");
  const problem = el("p", { id: "new-name-problem", class: "problem", role: "alert" });
  const other = el("button", { type: "button", class: "plain", hidden: true });
  const form = el(
    "form",
    { autocomplete: "off" },
    el("label", { for: "new-name" }, "Your name"),
    el("div", { class: "field" }, name, change),
    problem,
    other,
  );
  const say = (/** @type {string} */ sentence, suggestion = "") => {
    problem.textContent = sentence;
    name.setAttribute("aria-invalid", String(Boolean(sentence)));
    other.hidden = !suggestion;
    other.value = suggestion;
    other.textContent = suggestion && `Use the name ${suggestion}`;
  };
  const ask = async () => {
    if (!name.value.trim() || name.value.trim() === user) {
      dialog().close();
      return;
    }
    say("");
    change.disabled = true;
    const error = await rename(name.value);
    change.disabled = false;
    if (!error) dialog().close();
    else if (dialog().open) {
      say(error.message, error.suggestion);
      name.focus();
    } else tell(error.message);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
  other.addEventListener("click", () => {
    name.value = other.value;
    ask();
  });
  name.addEventListener("input", () => say(""));
  return form;
}
