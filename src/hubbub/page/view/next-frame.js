/** Work that is done once before the next frame is painted. */

/** @type {Set<() => void> | null} */
let queued = null;

/**
 * Calls `work` before the next frame is painted: once, however often it was asked for.
 * @param {() => void} work
 */
export function nextFrame(work) {
  if (!queued) {
    const now = (queued = new Set());
    requestAnimationFrame(() => {
      queued = null;
      for (const one of now) one();
    });
  }
  queued.add(work);
}
