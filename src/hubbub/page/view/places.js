/** Where the events are in the timeline, so that what the user reads stays in sight when rows come in around it. */

/**
 * @typedef {{seq: number, offset: number}} Anchor an event, and how many pixels below the top it is
 * @typedef {import("../chat/seen.js").Range} Range
 */

export class Places {
  #scroller;
  #rows;

  /**
   * @param {Element} scroller
   * @param {Element} rows the element in `scroller` whose children are the rows; those of events have `data-seq`
   */
  constructor(scroller, rows) {
    this.#scroller = scroller;
    this.#rows = rows;
  }

  /** @returns {HTMLCollectionOf<HTMLElement>} */
  get #children() {
    return /** @type {HTMLCollectionOf<HTMLElement>} */ (this.#rows.children);
  }

  /**
   * The first event in sight.
   * @returns {Anchor | null}
   */
  anchor() {
    const rows = this.#children;
    const top = this.#scroller.scrollTop;
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const row = rows[middle];
      if (row.offsetTop + row.offsetHeight > top) high = middle;
      else low = middle + 1;
    }
    for (; low < rows.length; low += 1) {
      const { seq } = rows[low].dataset;
      if (seq) return { seq: Number(seq), offset: rows[low].offsetTop - top };
    }
    return null;
  }

  /**
   * The events in sight: those whose rows end there.
   * @returns {Range | null}
   */
  sight() {
    const first = this.anchor()?.seq;
    if (!first) return null;
    const end = this.#scroller.scrollTop + this.#scroller.clientHeight + 1;
    let last = 0;
    /** @type {HTMLElement | null} */
    let row = this.nodeOf(first);
    for (; row; row = /** @type {HTMLElement | null} */ (row.nextSibling)) {
      // A row may stand for several events: up to the one before the next row's.
      if (row.dataset.seq) last = Number(row.dataset.seq) - 1;
      if (row.offsetTop + row.offsetHeight > end) break;
      if (row.dataset.seq) last += 1;
      if (!row.nextSibling) last = Infinity;
    }
    return last >= first ? { first, last } : null;
  }

  /**
   * Scrolls to an event, so that it is `offset` below the top.
   * @param {Anchor} anchor
   */
  put({ seq, offset }) {
    const node = this.nodeOf(seq);
    if (node) this.#scroller.scrollTop = node.offsetTop - offset;
  }

  toEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  /** The pixels below what is in sight. */
  get rest() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  /**
   * The row that shows an event: its own, or the one into which it is folded.
   * @param {number} seq
   */
  nodeOf(seq) {
    let found = null;
    for (const row of this.#children) {
      if (!row.dataset.seq) continue;
      if (Number(row.dataset.seq) > seq && found) break;
      found = row;
      if (Number(row.dataset.seq) >= seq) break;
    }
    return found;
  }
}
