/** The filters of a search (docs/search.md): parted from the words that somebody typed, and put back. */

/** Their names in the order in which they are shown. */
export const FILTERS = ["in", "from", "after", "before", "has"];

// Between quotation marks nothing is a filter.
const PARTS = /"[^"]*"?|\S+/g;
const FILTER = /^(in|from|after|before|has(?=:link$)):(.+)$/i;

/** What was typed: {words, filters}; of two filters of a name the last one holds. */
export function parted(query) {
  const filters = {};
  const words = [];
  for (const [part] of query.matchAll(PARTS)) {
    const [, name, value] = FILTER.exec(part) ?? [];
    if (name) filters[name.toLowerCase()] = value;
    else words.push(part);
  }
  return { words: words.join(" "), filters };
}

/** The query that the server is asked for. */
export function joined(words, filters) {
  const chosen = FILTERS.filter((name) => filters[name]).map((name) => `${name}:${filters[name]}`);
  return [words.trim(), ...chosen].filter(Boolean).join(" ");
}
