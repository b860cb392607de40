/** Where the events are in the timeline: what one reads is found again when rows come in around it. */

export class Places {
  #scroller;
  #rows;

  /** `rows` is the element in `scroller` whose children are the rows; those of events have `data-seq`. */
  constructor(scroller, rows) {
    this.#scroller = scroller;
    this.#rows = rows;
  }

  /** The first row in sight: {seq, offset in pixels from the top}, or null. */
  anchor() {
    const rows = this.#rows.children;
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

  /** The events in sight, {first, last}: those whose rows end there; null if there are none. */
  sight() {
    const first = this.anchor()?.seq;
    const end = this.#scroller.scrollTop + this.#scroller.clientHeight + 1;
    let last = 0;
    for (let row = first && this.nodeOf(first); row; row = row.nextSibling) {
      // A row may stand for several events: up to the one before the next row's.
      if (row.dataset.seq) last = Number(row.dataset.seq) - 1;
      if (row.offsetTop + row.offsetHeight > end) break;
      if (row.dataset.seq) last += 1;
      if (!row.nextSibling) last = Infinity;
    }
    return first && last >= first ? { first, last } : null;
  }

  /** Scrolls so that an event is that far from the top. */
  put({ seq, offset }) {
    const node = this.nodeOf(seq);
    if (node) this.#scroller.scrollTop = node.offsetTop - offset;
  }

  toEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  /** Pixels below what is in sight. */
  get rest() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  /** The row that shows an event: its own, or the one that it is folded into. */
  nodeOf(seq) {
    let found = null;
    for (const row of this.#rows.children) {
      if (!row.dataset.seq) continue;
      if (Number(row.dataset.seq) > seq && found) break;
      found = row;
      if (Number(row.dataset.seq) >= seq) break;
    }
    return found;
  }
}
