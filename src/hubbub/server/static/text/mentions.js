/**
 * Where a text speaks of somebody: `@Name`, or the bare name as a word of its own. The rule is that of
 * hubbub/domain/mentions.py, and tests/vectors/mentions.json holds for both.
 */

const WORD = /^[\p{L}\p{M}\p{N}_-]$/u;
const MARK = /^\p{M}$/u;
// Scripts without spaces, where a word's end cannot be seen: hubbub/domain/scripts.py.
const UNSPACED = new RegExp(
  "^[\\u0e00-\\u0eff\\u1000-\\u109f\\u1100-\\u11ff\\u1780-\\u17ff" +
    "\\u2e80-\\u2fdf\\u3005-\\u3007\\u3021-\\u3029" +
    "\\u3031-\\u3035\\u303b\\u303c\\u3041-\\u3096\\u3099-\\u309f\\u30a1-\\u30fa\\u30fc-\\u30ff" +
    "\\u3105-\\u312f\\u3131-\\u318e\\u31a0-\\u31bf\\u31f0-\\u31ff" +
    "\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}" +
    "\\ua960-\\ua97f\\uac00-\\ud7ff\\uff66-\\uff9f\\uffa1-\\uffdc]$",
  "u",
);

const fold = (text) => text.normalize("NFKD").toLowerCase().replaceAll("ς", "σ");

/** The places of `name` in `text`, as [start, end] of UTF-16 units, the `@` included. */
export function mentionsOf(name, text) {
  if (!name || !text) return [];
  const sought = Array.from(fold(name));
  const folded = []; // characters, and for each the place of the one that it came from
  const from = [];
  const upto = [];
  let place = 0;
  for (const char of text) {
    for (const one of fold(char)) {
      folded.push(one);
      from.push(place);
      upto.push(place + char.length);
    }
    place += char.length;
  }
  const places = [];
  for (let start = 0; start + sought.length <= folded.length; start += 1) {
    if (!sought.every((char, step) => folded[start + step] === char)) continue;
    const end = start + sought.length;
    if (!endsWord(folded[start - 1]) || !endsWord(folded[end])) continue;
    places.push([from[folded[start - 1] === "@" ? start - 1 : start], upto[end - 1]]);
    start = end - 1;
  }
  return places;
}

/** Whether `text` speaks of `name`. */
export function mentions(name, text) {
  return Boolean(name) && fold(text).includes(fold(name)) && mentionsOf(name, text).length > 0;
}

/** Whether a word ends where this character is, or none. */
function endsWord(neighbour) {
  if (neighbour === undefined || !WORD.test(neighbour)) return true;
  return UNSPACED.test(neighbour) && !MARK.test(neighbour);
}
