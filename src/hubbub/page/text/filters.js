/** The filters of a search (docs/search.md): parted from the words that somebody typed, and put back. */

/** Their names in the order in which they are shown. */
export const FILTERS = ["in", "from", "after", "before", "has"];

// Between quotation marks nothing is a filter.
const PARTS = /"[^"]*"?|\S+/g;
const FILTER = /^(in|from|after|before|has(?=:link$)):(.+)$/i;

/** @typedef {Record<string, string | undefined>} Filters values by names */

/**
 * What was typed; of two filters of a name the last one holds.
 * @param {string} query
 */
export function parted(query) {
  /** @type {Filters} */
  const filters = {};
  const words = [];
  for (const [part] of query.matchAll(PARTS)) {
    const [, name, value] = FILTER.exec(part) ?? [];
    if (name) filters[name.toLowerCase()] = value;
    else words.push(part);
  }
  return { words: words.join(" "), filters };
}

/**
 * The query that the server is asked for.
 * @param {string} words
 * @param {Filters} filters
 */
export function joined(words, filters) {
  const chosen = FILTERS.filter((name) => filters[name]).map((name) => `${name}:${filters[name]}`);
  return [words.trim(), ...chosen].filter(Boolean).join(" ");
}
