/** What a filter's pattern fits, in words. The server decides what it really fits: hubbub/hub/filters.py. */

/**
 * A sentence for who writes a pattern.
 * @param {string} typed
 */
export function patternInWords(typed) {
  const pattern = typed.trim().replace(/\s+/g, " ");
  if (!pattern) return "";
  if (/^\/.+\/$/.test(pattern)) return "Fits what the regular expression (RE2) finds, whatever the case.";
  const words = pattern.split(" ");
  if (words.length > 1) return `Fits these words, side by side: ${words.map(wordInWords).join(", then ")}.`;
  return `Fits ${wordInWords(pattern)}.`;
}

/** @param {string} word */
function wordInWords(word) {
  const parts = word.split("*").filter(Boolean);
  const [open, close] = [word.startsWith("*"), word.endsWith("*")];
  if (!parts.length) return "any word";
  if (!word.includes("*")) return `the word “${word}”`;
  if (parts.length === 1 && open && close) return `each word that has “${parts[0]}” in it`;
  if (parts.length === 1) return `each word that ${close ? "begins" : "ends"} with “${parts[0]}”`;
  const ends = [open ? "" : `begins with “${parts[0]}”`, close ? "" : `ends with “${parts[parts.length - 1]}”`];
  const inner = parts.slice(open ? 0 : 1, close ? undefined : -1);
  if (inner.length) ends.splice(1, 0, `has ${inner.map((part) => `“${part}”`).join(", then ")} in it`);
  const told = ends.filter(Boolean);
  return `each word that ${[told.slice(0, -1).join(", "), told[told.length - 1]].filter(Boolean).join(" and ")}`;
}
