/** A new password by a link that an administrator has made: for who has forgotten the old one. */
import { askOnce } from "../net/once.js";
import { keyOf } from "../text/names.js";
import { safe } from "../text/safe.js";
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";
import { askingForm, passwordField } from "./fields.js";

/**
 * @param {object} given
 * @param {string} given.user whose password it is
 * @param {string} given.code of the link
 * @param {import("../chat/login.js").Login} given.login
 * @param {(sentence: string) => void} given.tell
 */
export function showReset({ user, code, login, tell }) {
  const password = passwordField("reset-password", "new-password", "reset-problem");
  password.required = true;
  let chosen = "";
  const form = askingForm({
    id: "reset",
    does: "Choose it",
    fields: [{ label: "The new password", field: password }],
    ask: async () => {
      chosen = password.value;
      try {
        await askOnce({ type: "reset", user, code, password: chosen });
        return null;
      } catch (error) {
        return /** @type {Error} */ (error);
      }
    },
    done: () => {
      dialog.close();
      tell(`The new password of ${safe(user)} holds from now on, and all devices are logged out.`);
      // Who is somebody else here stays that; who was logged out by it comes back.
      if (login.state === "idle" || keyOf(login.user) === keyOf(user)) login.signIn(user, { password: chosen });
    },
  });
  form.prepend(el("input", { name: "username", value: user, autocomplete: "username", hidden: true, readonly: true }));
  const dialog = openDialog(
    "A new password",
    el(
      "div",
      { class: "scrolls account" },
      el("p", {}, "This link lets ", el("strong", {}, el("bdi", {}, safe(user))), " choose a new password, once. All devices are logged out by it."),
      form,
      el("p", { class: "quiet" }, "8 characters or more; a few words are easier to remember than a few signs."),
    ),
  );
  password.focus();
}
