/** Whether an account logs in by single sign-on, too; linking it with the provider, and ending that. */
import { ask } from "./sign-on.js";

/**
 * Whether an account logs in by single sign-on, too.
 * @param {string} token
 * @returns {Promise<boolean>} rejected with a `Failure`
 */
export async function isLinked(token) {
  return Boolean((await ask("GET", "sign-on/link", token)).linked);
}

/**
 * Goes to the provider; who comes back logs in by it to the account.
 * @param {string} token
 * @param {string} password
 * @returns {Promise<void>} rejected with a `Failure`
 */
export async function link(token, password) {
  await ask("POST", "sign-on/link", token, { password });
  location.assign("sign-on?to=link");
}

/**
 * The account logs in by its password alone.
 * @param {string} token
 * @param {string} password
 * @returns {Promise<void>} rejected with a `Failure`
 */
export async function unlink(token, password) {
  await ask("POST", "sign-on/unlink", token, { password });
}
