/** The filters of a search (docs/search.md): separated from the words of a query, and joined to it again. */

/**
 * @typedef {"in" | "from" | "after" | "before" | "has"} Filter
 * @typedef {Partial<Record<Filter, string>>} Filters values by names
 */

/**
 * The names of the filters, in the order in which they are shown.
 * @type {Filter[]}
 */
export const FILTERS = ["in", "from", "after", "before", "has"];

// Between quotation marks nothing is a filter.
const PARTS = /"[^"]*"?|\S+/g;
const FILTER = /^(in|from|after|before|has(?=:link$)):(.+)$/i;

/**
 * The words and the filters of a query; of two filters of the same name the last one counts.
 * @param {string} query
 */
export function parseQuery(query) {
  /** @type {Filters} */
  const filters = {};
  const words = [];
  for (const [part] of query.matchAll(PARTS)) {
    const [, name, value] = FILTER.exec(part) ?? [];
    const filter = FILTERS.find((one) => one === name?.toLowerCase());
    if (filter) filters[filter] = value;
    else words.push(part);
  }
  return { words: words.join(" "), filters };
}

/**
 * The query for the server.
 * @param {string} words
 * @param {Filters} filters
 */
export function formatQuery(words, filters) {
  const chosen = FILTERS.filter((name) => filters[name]).map((name) => `${name}:${filters[name]}`);
  return [words.trim(), ...chosen].filter(Boolean).join(" ");
}
