/**
 * A list of listeners (the observer pattern): a module emits news, and others listen to them.
 * @template {any[]} [News=any[]] the arguments of each listener
 */
export class Signal {
  /** @type {Set<(...news: News) => void>} */
  #listeners = new Set();

  /**
   * Calls `listener` at each `emit`; returns a function that ends it.
   * @param {(...news: News) => void} listener
   */
  on(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @param {News} news */
  emit(...news) {
    for (const listener of [...this.#listeners]) listener(...news);
  }
}
