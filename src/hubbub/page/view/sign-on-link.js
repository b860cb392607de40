/** In the dialog of the account: whether one logs in by single sign-on, too. */
import { isLinked, link, unlink } from "../net/linking.js";
import { safe } from "../text/safe.js";
import { el } from "./dom.js";
import { askingForm, passwordField } from "./fields.js";

/**
 * @param {import("../chat/account.js").Account} account
 * @param {string} provider what people call it
 * @param {(sentence: string) => void} tell
 */
export function signOnLink(account, provider, tell) {
  const name = safe(provider);
  const status = el("p", { role: "status", class: "quiet" }, "Looking…");
  const section = el("div", {}, el("h3", {}, "Log in with ", el("bdi", {}, name)), status);
  const draw = async () => {
    try {
      const linked = await isLinked(account.token);
      section.lastElementChild?.matches("form") && section.lastElementChild.remove();
      status.textContent = linked ? `You log in with ${name}, too.` : `You can log in with ${name}, too, when you have linked it once.`;
      section.append(linked ? ending() : beginning());
    } catch (error) {
      status.textContent = /** @type {Error} */ (error).message;
    }
  };
  const beginning = () => {
    const password = passwordField("link-password", "current-password", "link-problem");
    password.required = true;
    return askingForm({
      id: "link",
      does: `Link ${name}`,
      fields: [{ label: "Your password", field: password }],
      ask: () => refusal(link(account.token, password.value)),
      done: () => {},
    });
  };
  const ending = () => {
    const password = passwordField("unlink-password", "current-password", "unlink-problem");
    password.required = true;
    return askingForm({
      id: "unlink",
      does: `Do not log in with ${name} any more`,
      fields: [{ label: "Your password", field: password }],
      ask: () => refusal(unlink(account.token, password.value)),
      done: () => {
        tell(`You log in by your password alone now, and not with ${name}.`);
        draw();
      },
    });
  };
  draw();
  return section;
}

/** For who has an account and no password: a code is as good as one. */
export const codeInstead = () =>
  el("p", { class: "quiet" }, "You have no password yet? Give ", el("a", { href: "sign-on", target: "_blank", rel: "noopener" }, "a code of your single sign-on"), " in its place.");

/**
 * Why something is refused, or null.
 * @param {Promise<unknown>} work
 * @returns {Promise<Error | null>}
 */
const refusal = (work) => work.then(() => null, (error) => error);
