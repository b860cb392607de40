/**
 * Makes texts and names of others harmless to show. What is saved and copied stays as it was.
 *
 * Elements isolate their text (`dir="auto"`, `<bdi>`), so that its direction ends with it. This replaces
 * what deceives within a text: overrides of the direction, control characters, stacks of accents.
 */

const DIRECTION = /[\u202a-\u202e\u2066-\u2069]/g; // UAX #9; the terminal client replaces the same
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f]/g;
const C1 = /[\u0080-\u009f]/g;
// Marks that are stacked on one letter: Burmese needs 5 of them, Tibetan 8. Marks with a width of their own (Mc) are not.
const MARKS = /((?:[\p{Mn}\p{Me}]\p{Cf}*){8})(?:[\p{Mn}\p{Me}]\p{Cf}*)+/gu;
const SUSPECT = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u0300-\uffff]|[\ud800-\udfff]/;

/**
 * `text` as it may be shown.
 * @param {string} text
 */
export function safe(text) {
  if (!SUSPECT.test(text)) return text;
  return text
    .replace(DIRECTION, "\ufffd")
    .replace(CONTROLS, (control) =>
      String.fromCharCode(control === "\x7f" ? 0x2421 : 0x2400 + control.charCodeAt(0)),
    )
    .replace(C1, "\ufffd")
    .replace(MARKS, "$1");
}
