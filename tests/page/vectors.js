/** The vectors that all clients pass: tests/vectors. */
import { readFileSync } from "node:fs";

/** The vectors of that name. */
export const vectors = (name) =>
  JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8"));
