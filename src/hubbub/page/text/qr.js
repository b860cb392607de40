/**
 * QR codes (ISO/IEC 18004): a text as rows of modules. In bytes, with the least correction, as a screen has no dirt.
 */

// By version, from 1: bytes of correction in each block, and the number of blocks (ISO/IEC 18004, table 9, level L).
const CORRECTION = [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26];
const BLOCKS = [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12];
const BYTES = 4; // the mode
const LEVEL_L = 1;
const PADDING = [0xec, 0x11];
const FINDER = 3; // modules from its middle to its edge
const FORMAT = { polynomial: 0x537, bits: 10, mask: 0x5412 };
const VERSION = { polynomial: 0x1f25, bits: 12, mask: 0 };

/** @type {((x: number, y: number) => boolean)[]} where a mask turns a module over (table 10) */
const MASKS = [
  (x, y) => (x + y) % 2 === 0,
  (x, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

/**
 * The rows of the QR code of a text, "1" for a dark module; null if it is too long.
 * @param {string} text
 * @param {number} [mask] which is taken; else the best one
 * @returns {string[] | null}
 */
export function qrOf(text, mask) {
  const bytes = [...new TextEncoder().encode(text)];
  const version = CORRECTION.findIndex((_, index) => bytes.length <= capacity(index + 1) - (index < 9 ? 2 : 3)) + 1;
  if (!version) return null;
  const bits = inBits(interleaved(filled(bytes, version), version));
  const drawn = (mask === undefined ? [...MASKS.keys()] : [mask]).map((one) => draw(version, bits, one));
  return drawn.reduce((best, one) => (penalty(one) < penalty(best) ? one : best));
}

/** @param {number} version */
function modules(version) {
  const middles = version > 1 ? Math.floor(version / 7) + 2 : 0;
  const all = (16 * version + 128) * version + 64;
  return all - (middles && (25 * middles - 10) * middles - 55) - (version > 6 ? 36 : 0);
}

/** @param {number} version bytes of data that it has */
const capacity = (version) => Math.floor(modules(version) / 8) - CORRECTION[version - 1] * BLOCKS[version - 1];

/** @param {number[]} bytes */
const inBits = (bytes) => bytes.map((byte) => byte.toString(2).padStart(8, "0")).join("");

/**
 * The bytes of data: mode, length, the text, and padding.
 * @param {number[]} bytes
 * @param {number} version
 */
function filled(bytes, version) {
  const length = bytes.length.toString(2).padStart(version < 10 ? 8 : 16, "0");
  const bits = `${BYTES.toString(2).padStart(4, "0")}${length}${inBits(bytes)}0000`; // it ends on a byte
  const data = (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
  for (let index = 0; data.length < capacity(version); index++) data.push(PADDING[index % 2]);
  return data;
}

/**
 * The data in blocks, each with its correction, woven into one another.
 * @param {number[]} data
 * @param {number} version
 */
function interleaved(data, version) {
  const count = BLOCKS[version - 1];
  const short = Math.floor(data.length / count);
  const longer = data.length % count; // the last ones have a byte more
  const blocks = Array.from({ length: count }, (_, index) => {
    const extra = Math.max(0, index - (count - longer));
    return data.slice(index * short + extra, (index + 1) * short + extra + (index >= count - longer ? 1 : 0));
  });
  const corrections = blocks.map((block) => correction(block, CORRECTION[version - 1]));
  return [...woven(blocks), ...woven(corrections)];
}

/** @param {number[][]} blocks */
const woven = (blocks) => blocks[blocks.length - 1].flatMap((_, at) => blocks.flatMap((block) => block.slice(at, at + 1)));

/**
 * The product in the field of 256 elements (Reed-Solomon, polynomial 0x11d).
 * @param {number} one
 * @param {number} other
 */
function product(one, other) {
  let made = 0;
  for (let bit = 7; bit >= 0; bit--) made = (made << 1) ^ ((made >>> 7) * 0x11d) ^ (((other >>> bit) & 1) * one);
  return made;
}

/**
 * The remainder of a block by the generator polynomial of that degree.
 * @param {number[]} block
 * @param {number} degree
 */
function correction(block, degree) {
  let generator = [1];
  for (let root = 1, index = 0; index < degree; index++, root = product(root, 2)) {
    const last = generator;
    generator = [...last, 0].map((one, at) => one ^ (at ? product(last[at - 1], root) : 0));
  }
  let rest = Array(degree).fill(0);
  for (const byte of block) {
    const factor = byte ^ rest[0];
    rest = [...rest.slice(1), 0].map((one, at) => one ^ product(generator[at + 1], factor));
  }
  return rest;
}

/**
 * The bits of a number, and those that protect it (BCH).
 * @param {number} value
 * @param {typeof FORMAT} code
 */
function protectedBits(value, { polynomial, bits, mask }) {
  let rest = value;
  for (let index = 0; index < bits; index++) rest = (rest << 1) ^ ((rest >>> (bits - 1)) * polynomial);
  return ((value << bits) | rest) ^ mask;
}

/**
 * @param {number} version
 * @param {string} bits
 * @param {number} mask
 */
function draw(version, bits, mask) {
  const size = 17 + 4 * version;
  /** @type {(boolean | undefined)[][]} undefined: of the data */
  const grid = Array.from({ length: size }, () => Array(size).fill(undefined));
  const set = (/** @type {number} */ x, /** @type {number} */ y, /** @type {boolean} */ dark) => {
    if (x >= 0 && y >= 0 && x < size && y < size) grid[y][x] = dark;
  };
  for (let at = 0; at < size; at++) {
    set(6, at, at % 2 === 0);
    set(at, 6, at % 2 === 0);
  }
  const rings = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ reach, /** @type {number[]} */ light) => {
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) set(x + dx, y + dy, !light.includes(Math.max(Math.abs(dx), Math.abs(dy))));
    }
  };
  const middles = middlesOf(version, size);
  const last = middles.length - 1;
  for (const [row, y] of middles.entries()) {
    for (const [column, x] of middles.entries()) {
      const corner = (row === 0 && column === 0) || (row === 0 && column === last) || (row === last && column === 0);
      if (!corner) rings(x, y, 2, [1]);
    }
  }
  for (const [x, y] of [[FINDER, FINDER], [size - 1 - FINDER, FINDER], [FINDER, size - 1 - FINDER]]) rings(x, y, FINDER + 1, [2, 4]);
  drawFormat(set, size, protectedBits((LEVEL_L << 3) | mask, FORMAT));
  if (version > 6) {
    const code = protectedBits(version, VERSION);
    for (let bit = 0; bit < 18; bit++) {
      const [far, near] = [size - 11 + (bit % 3), Math.floor(bit / 3)];
      set(far, near, ((code >>> bit) & 1) === 1);
      set(near, far, ((code >>> bit) & 1) === 1);
    }
  }
  fill(grid, bits, MASKS[mask]);
  return grid.map((row) => row.map(Number).join(""));
}

/**
 * Where the middles of the small patterns are, in both directions.
 * @param {number} version
 * @param {number} size
 */
function middlesOf(version, size) {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2;
  return [6, ...Array.from({ length: count - 1 }, (_, index) => size - 7 - (count - 2 - index) * step)];
}

/**
 * @param {(x: number, y: number, dark: boolean) => void} set
 * @param {number} size
 * @param {number} code
 */
function drawFormat(set, size, code) {
  for (let bit = 0; bit < 15; bit++) {
    const dark = ((code >>> bit) & 1) === 1;
    const beside = bit < 6 ? bit : bit < 8 ? bit + 1 : bit === 8 ? 7 : 14 - bit; // the timing pattern lies between
    if (bit < 8) set(8, beside, dark);
    else set(beside, 8, dark);
    if (bit < 8) set(size - 1 - bit, 8, dark);
    else set(8, size - 15 + bit, dark);
  }
  set(8, size - 8, true);
}

/**
 * Lays the bits into what is free: in columns of two, up and down, from the right.
 * @param {(boolean | undefined)[][]} grid
 * @param {string} bits
 * @param {(x: number, y: number) => boolean} isTurned
 */
function fill(grid, bits, isTurned) {
  const size = grid.length;
  let next = 0;
  let up = true;
  for (let right = size - 1; right > 0; right -= 2, up = !up) {
    if (right === 6) right = 5; // the timing pattern
    for (let step = 0; step < size; step++) {
      const y = up ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (grid[y][x] === undefined) grid[y][x] = (bits[next++] === "1") !== isTurned(x, y);
      }
    }
  }
}

/**
 * How hard it is to read (7.8.3): runs, blocks, what looks like a finder, too much of one colour.
 * @param {string[]} rows
 */
function penalty(rows) {
  const columns = [...rows[0]].map((_, x) => rows.map((row) => row[x]).join(""));
  let sum = 0;
  for (const line of [...rows, ...columns]) {
    for (const run of line.match(/0{5,}|1{5,}/g) ?? []) sum += run.length - 2;
    sum += 40 * (line.match(/1011101(?=0000)|(?<=0000)1011101/g) ?? []).length;
  }
  for (let y = 1; y < rows.length; y++) {
    for (let x = 1; x < rows.length; x++) {
      const [a, b, c, d] = [rows[y][x], rows[y - 1][x], rows[y][x - 1], rows[y - 1][x - 1]];
      if (a === b && b === c && c === d) sum += 3;
    }
  }
  const dark = rows.join("").replaceAll("0", "").length / rows.length ** 2;
  return sum + 10 * Math.floor(Math.abs(dark - 0.5) * 20);
}
