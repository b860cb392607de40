/** Where a text speaks of somebody: the name as a whole word, with or without `@`. */

const LETTERS = /[\p{L}\p{M}\p{N}_-]/u;
const known = new Map();

/**
 * The places of `name` in `text`, as [start, end] of UTF-16 units, from left to right. An `@` before
 * the name belongs to it.
 */
export function mentionsOf(name, text) {
  if (!name) return [];
  const places = [];
  const sought = pattern(name);
  sought.lastIndex = 0;
  for (let found = sought.exec(text); found; found = sought.exec(text)) {
    const start = found.index;
    const end = start + found[0].length;
    if (!wordBefore(text, start) && !wordAfter(text, end)) places.push([start, end]);
    else sought.lastIndex = start + 1;
  }
  return places;
}

/** Whether `text` speaks of `name`. */
export function mentions(name, text) {
  return mentionsOf(name, text).length > 0;
}

function pattern(name) {
  let made = known.get(name);
  if (!made) {
    if (known.size > 8) known.clear();
    made = new RegExp(`@?${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`, "giu");
    known.set(name, made);
  }
  return made;
}

function wordBefore(text, place) {
  if (place === 0) return false;
  const unit = text.charCodeAt(place - 1);
  const low = unit >= 0xdc00 && unit <= 0xdfff && place > 1;
  return LETTERS.test(low ? text.slice(place - 2, place) : text[place - 1]);
}

function wordAfter(text, place) {
  return place < text.length && LETTERS.test(String.fromCodePoint(text.codePointAt(place)));
}
