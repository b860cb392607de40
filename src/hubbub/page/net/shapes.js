/**
 * The shapes of what the server sends, of which others are made: whether a value is as it must be, and not too large.
 *
 * @typedef {(value: any) => boolean} Shape
 */
const NAME_CHARS = 256;
const WORDS_CHARS = 4096;
const ID_CHARS = 64;
const KEY_CHARS = 128;
const EMOJI_CHARS = 80; // of UTF-16; the longest emoji of Unicode has 20
const TEXT_CHARS = 100_000;
const MOST_ITEMS = 100_000; // of a list
const MOST_COUNT = 2 ** 53;
const MOST_TIME = 8.64e15; // milliseconds: what is farther from 1970 is no date in JavaScript

/** @type {(most: number) => Shape} */
export const string = (most) => (value) => typeof value === "string" && value.length <= most;
export const name = string(NAME_CHARS);
export const words = string(WORDS_CHARS);
export const text = string(TEXT_CHARS);
export const id = string(ID_CHARS);
export const key = string(KEY_CHARS);
export const emoji = string(EMOJI_CHARS);
/** @type {Shape} */
export const number = (value) => typeof value === "number";
/** @type {Shape} */
export const bool = (value) => typeof value === "boolean";
/** @type {Shape} */
export const count = (value) => Number.isInteger(value) && value >= 0 && value <= MOST_COUNT;
/** @type {Shape} */
export const time = (value) => Number.isInteger(value) && Math.abs(value) <= MOST_TIME;
/** @type {(shape: Shape) => Shape} */
export const maybe = (shape) => (value) => value === undefined || value === null || shape(value);
/** @type {(shape: Shape, most?: number) => Shape} */
export const list = (shape, most = MOST_ITEMS) => (value) => Array.isArray(value) && value.length <= most && value.every(shape);

/** @type {(values: string[]) => Shape} */
export const oneOf = (values) => (value) => values.includes(value);
/** @type {(shape: Shape) => Shape} */
export const byName = (shape) => (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value) &&
  Object.entries(value).length <= MOST_ITEMS && Object.entries(value).every(([key, one]) => name(key) && shape(one));

/**
 * An object with fields of these shapes; it may have more fields, as a newer server's has.
 * @param {Record<string, Shape>} shapes
 * @returns {Shape}
 */
export function object(shapes) {
  const fields = Object.entries(shapes);
  return (value) =>
    typeof value === "object" && value !== null && fields.every(([key, shape]) => shape(value[key]));
}
