/** How the person wants it: colours, density, keys, notifications. Shared by all tabs. */
import { Shared } from "./shared.js";
import { Signal } from "../signal.js";
import { keyOf } from "../text/names.js";

export const THEMES = ["system", "light", "dark"];
export const DENSITIES = ["comfortable", "compact"];
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

  /** Whether single keys do something (WCAG 2.1.4: they can be turned off). */
  get keys() {
    return this.#kept.value.keys !== false;
  }

  /** Whether the members are shown beside the room; null: as there is space. */
  get members() {
    return this.#kept.value.members ?? null;
  }

  /** What one wants to be told of in all rooms for which nothing else was chosen. */
  get notify() {
    return this.#one("notifyAll", NOTIFY);
  }

  /** Whether that was chosen. */
  get notifyDecided() {
    return this.#kept.value.notifyAll !== undefined;
  }

  /**
   * What was chosen for a room, or null.
   * @param {string} room
   * @returns {string | null}
   */
  ownNotify(room) {
    return this.#kept.value.notify?.[keyOf(room)] ?? null;
  }

  /**
   * What one wants to be told of in a room.
   * @param {string} room
   */
  notifyIn(room) {
    return this.ownNotify(room) ?? this.notify;
  }

  /**
   * @param {string} room
   * @param {string | null} how
   */
  setNotify(room, how) {
    this.set("notify", { ...this.#kept.value.notify, [keyOf(room)]: how ?? undefined });
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
   * @param {string} name
   * @param {string[]} choices
   * @returns {string}
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
