/**
 * Who one is, in all tabs of this browser: the name, and the proof of it. Proofs of names that one gave
 * up are kept until the server was told: it holds a name for who may only have lost the connection.
 */
import { Signal } from "../signal.js";
import { keyOf } from "../text/names.js";
import { Shared } from "./shared.js";

const SETTLE_MS = 50; // by then another tab has written the name and its proof

export class Identity {
  changed = new Signal(); // by another tab: whether one was signed in before

  #name = new Shared("name", "");
  #token = new Shared("token", /** @type {string | null} */ (null));
  #id = new Shared("user-id", /** @type {string | null} */ (null));
  /** @type {Shared<Record<string, string>>} */
  #former = new Shared("former", {}); // proofs by the key of the name
  #known = this.token; // what this tab has gone by last
  #timer = 0;

  constructor() {
    const soon = () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#look(), SETTLE_MS);
    };
    this.#name.changed.on(soon);
    this.#token.changed.on(soon);
    // A page that the browser had put aside was not told meanwhile.
    addEventListener("pageshow", ({ persisted }) => persisted && soon());
  }

  get name() {
    return this.#name.fresh();
  }

  /** Who one is, whatever the name; null if the server has not told. */
  get id() {
    return this.#id.fresh();
  }

  /** The proof, or null: one has signed out, or was never here. */
  get token() {
    return this.#token.fresh();
  }

  /** Keys and proofs of the names that the server may still hold for us. */
  get former() {
    return Object.entries(this.#former.fresh());
  }

  /**
   * The proof of a name that is, or was, one's own; or null.
   * @param {string} name
   */
  proof(name) {
    const key = keyOf(name);
    return (key === keyOf(this.name) && this.token) || (this.#former.fresh()[key] ?? null);
  }

  /**
   * The server knows us by this name, and who we are.
   * @param {string} name
   * @param {string | null} token
   * @param {string | null} id
   */
  keep(name, token, id) {
    this.#id.value = id;
    if (keyOf(name) !== keyOf(this.name)) this.#giveUp();
    this.freed(keyOf(name));
    this.#name.value = name;
    this.#token.value = this.#known = token;
  }

  /**
   * One signs out; `told`: the server knows it.
   * @param {boolean} told
   */
  forget(told) {
    if (!told) this.#giveUp();
    this.#token.value = this.#known = null;
  }

  /**
   * The server does not hold that name for us any more.
   * @param {string} key
   */
  freed(key) {
    const { [key]: gone, ...others } = this.#former.fresh();
    if (gone) this.#former.value = others;
  }

  #giveUp() {
    if (this.token) this.#former.value = { ...this.#former.fresh(), [keyOf(this.name)]: this.token };
  }

  #look() {
    const before = this.#known;
    this.#known = this.token;
    this.changed.emit(Boolean(before));
  }
}
