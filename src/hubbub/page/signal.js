/** A list of listeners: what one module tells to whoever wants to know. */
export class Signal {
  #listeners = new Set();

  /** Calls `listener` at each `emit`; returns what ends that. */
  on(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(...news) {
    for (const listener of [...this.#listeners]) listener(...news);
  }
}
