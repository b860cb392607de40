/**
 * A list of listeners: what one module tells to whoever wants to know.
 * @template {any[]} [News=any[]] what is told
 */
export class Signal {
  /** @type {Set<(...news: News) => void>} */
  #listeners = new Set();

  /**
   * Calls `listener` at each `emit`; returns what ends that.
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
