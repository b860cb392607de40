/**
 * Who the user is, in all tabs of this browser: their name and its proof (a token). Proofs of former names are kept
 * until the server has freed those: it reserves a name for a while, as the user may only have lost the connection.
 */
import { Signal } from "../signal.js";
import { keyOf } from "../text/names.js";
import { Shared } from "./shared.js";

const SETTLE_MS = 50; // in which another tab has written both the name and its proof

export class Identity {
  changed = new Signal(); // by another tab; whether the user was signed in before

  #name = new Shared("name", "");
  #token = new Shared("token", /** @type {string | null} */ (null));
  #id = new Shared("user-id", /** @type {string | null} */ (null));
  #account = new Shared("account", false);
  /** @type {Shared<Record<string, string>>} */
  #former = new Shared("former", {}); // proofs by the key of the name
  #known = this.token; // the last one that this tab knew
  #timer = 0;

  constructor() {
    const soon = () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#look(), SETTLE_MS);
    };
    this.#name.changed.on(soon);
    this.#token.changed.on(soon);
    // A page from the back/forward cache has not heard of changes meanwhile.
    addEventListener("pageshow", ({ persisted }) => persisted && soon());
  }

  get name() {
    return this.#name.fresh();
  }

  /** The id, which stays when the name changes; null if the server has not told it. */
  get id() {
    return this.#id.fresh();
  }

  /** Whether the user has an account: the proof is that of this device. */
  get account() {
    return this.#account.fresh();
  }

  /** The proof; null: the user has signed out, or was never here. */
  get token() {
    return this.#token.fresh();
  }

  /** The keys and proofs of names that the server may still reserve for the user. */
  get former() {
    return Object.entries(this.#former.fresh());
  }

  /**
   * The proof of a name that is or was the user's; or null.
   * @param {string} name
   */
  proof(name) {
    const key = keyOf(name);
    return (key === keyOf(this.name) && this.token) || (this.#former.fresh()[key] ?? null);
  }

  /**
   * The server has welcomed the user under this name.
   * @param {string} name
   * @param {string | null} token
   * @param {string | null} id
   * @param {boolean} account
   */
  keep(name, token, id, account) {
    this.#id.value = id;
    if (keyOf(name) !== keyOf(this.name)) this.#giveUp();
    this.#account.value = account;
    this.freed(keyOf(name));
    this.#name.value = name;
    this.#token.value = this.#known = token;
  }

  /**
   * The user signs out; `told`: whether the server knows it.
   * @param {boolean} told
   */
  forget(told) {
    if (!told) this.#giveUp();
    this.#token.value = this.#known = null;
  }

  /** Nothing of the user stays in this browser. */
  erase() {
    this.forget(true);
    this.#former.value = {};
    this.#account.value = false;
    this.#id.value = null;
    this.#name.value = "";
  }

  /**
   * The server has freed that name.
   * @param {string} key
   */
  freed(key) {
    const { [key]: gone, ...others } = this.#former.fresh();
    if (gone) this.#former.value = others;
  }

  /** The name of an account is nobody else's, and has no proof of its own. */
  #giveUp() {
    if (this.token && !this.account) this.#former.value = { ...this.#former.fresh(), [keyOf(this.name)]: this.token };
  }

  #look() {
    const before = this.#known;
    this.#known = this.token;
    this.changed.emit(Boolean(before));
  }
}
