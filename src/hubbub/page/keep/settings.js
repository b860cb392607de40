/** The user's settings: colours, density, keys, notifications. All tabs share them. */
import { Shared } from "./shared.js";
import { Signal } from "../signal.js";
import { keyOf } from "../text/names.js";

/**
 * @typedef {"system" | "light" | "dark"} Theme
 * @typedef {"comfortable" | "compact"} Density
 * @typedef {"off" | "mentions" | "all"} Notify of which messages the user is notified
 */

// The first of each is what holds before another one is chosen.
/** @type {Theme[]} */
export const THEMES = ["system", "light", "dark"];
/** @type {Density[]} */
export const DENSITIES = ["comfortable", "compact"];
/** @type {Notify[]} */
export const NOTIFY = ["off", "mentions", "all"];

export class Settings {
  changed = new Signal();
  /** @type {Shared<Record<string, any>>} */
  #kept = new Shared("settings", {});

  constructor() {
    this.#kept.changed.on(() => this.#apply());
    this.#apply();
  }

  get theme() {
    return this.#one("theme", THEMES);
  }

  get density() {
    return this.#one("density", DENSITIES);
  }

  /** Whether there are shortcuts of a single letter (WCAG 2.1.4: they can be turned off). */
  get keys() {
    return this.#kept.value.keys !== false;
  }

  /**
   * Whether the members are shown beside the room; null: if there is space.
   * @returns {boolean | null}
   */
  get members() {
    return this.#kept.value.members ?? null;
  }

  /** The choice for all rooms that have none of their own. */
  get notify() {
    return this.#one("notifyAll", NOTIFY);
  }

  /** Whether the user has made that choice. */
  get notifyDecided() {
    return this.#kept.value.notifyAll !== undefined;
  }

  /**
   * The choice for one room, or null if it has none.
   * @param {string} room
   * @returns {Notify | null}
   */
  ownNotify(room) {
    return this.#kept.value.notify?.[keyOf(room)] ?? null;
  }

  /**
   * What holds in a room: its own choice, or the one for all rooms.
   * @param {string} room
   */
  notifyIn(room) {
    return this.ownNotify(room) ?? this.notify;
  }

  /**
   * @param {string} room
   * @param {Notify | null} how
   */
  setNotify(room, how) {
    this.set("notify", { ...this.#kept.value.notify, [keyOf(room)]: how ?? undefined });
  }

  /**
   * A room has another key: its choice goes with it.
   * @param {string} from
   * @param {string} to
   */
  move(from, to) {
    const { [from]: how, ...others } = this.#kept.fresh().notify ?? {};
    if (how && from !== to) this.set("notify", { ...others, [to]: how });
  }

  /**
   * @param {string} name
   * @param {unknown} value
   */
  set(name, value) {
    this.#kept.value = { ...this.#kept.fresh(), [name]: value };
    this.#apply();
  }

  /**
   * @template Choice
   * @param {string} name
   * @param {Choice[]} choices
   * @returns {Choice}
   */
  #one(name, choices) {
    const value = this.#kept.value[name];
    return choices.includes(value) ? value : choices[0];
  }

  #apply() {
    const { dataset } = document.documentElement;
    dataset.theme = this.theme;
    dataset.density = this.density;
    this.changed.emit();
  }
}
