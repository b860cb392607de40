/** How much something takes on a disk, as people read it. */

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"];
const STEP = 1024;

/**
 * For example "3.4 MiB".
 * @param {number} bytes
 */
export function sizeInWords(bytes) {
  let [size, unit] = [bytes, 0];
  while (size >= STEP && unit < UNITS.length - 1) [size, unit] = [size / STEP, unit + 1];
  const digits = unit && size < 10 ? 1 : 0;
  return `${size.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${UNITS[unit]}`;
}
