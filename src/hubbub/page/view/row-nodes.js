/**
 * The nodes of a list of rows: when the rows change, only what is different is made, moved or removed. What is in
 * their `extras` is renewed within their nodes.
 *
 * @template {{key: string, extras?: string}} Row
 */
export class RowNodes {
  #box;
  /** @type {Map<string, HTMLElement>} by the keys of their rows */
  #nodes = new Map();
  /** @type {WeakMap<HTMLElement, string | undefined>} what each node shows of its row's extras */
  #extras = new WeakMap();

  /** @param {Element} box the element that has the nodes */
  constructor(box) {
    this.#box = box;
  }

  clear() {
    this.#nodes.clear();
    this.#box.replaceChildren();
  }

  /**
   * Shows these rows. `make` makes the node of one that has none yet, `renew` brings its extras up to date.
   * @param {Row[]} rows
   * @param {(row: Row) => HTMLElement} make
   * @param {(node: HTMLElement, row: Row) => void} [renew]
   */
  show(rows, make, renew) {
    /** @type {Map<string, HTMLElement>} */
    const nodes = new Map();
    /** @type {Set<Node | undefined> | null} */
    let staying = null;
    let next = this.#box.firstChild;
    for (const row of rows) {
      const known = this.#nodes.get(row.key);
      const node = known ?? make(row);
      if (known && this.#extras.get(known) !== row.extras) renew?.(known, row);
      this.#extras.set(node, row.extras);
      if (known) {
        staying ??= new Set(rows.map(({ key }) => this.#nodes.get(key)));
        // Nodes that go are removed before it, so that it need not be moved.
        while (next && next !== known && !staying.has(next)) next = withoutIt(next);
      }
      nodes.set(row.key, node);
      if (node === next) next = next.nextSibling;
      else this.#box.insertBefore(node, next);
    }
    while (next) next = withoutIt(next);
    this.#nodes = nodes;
  }
}

/**
 * Removes a node; returns the one behind it.
 * @param {ChildNode} node
 */
function withoutIt(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}
