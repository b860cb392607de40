/** What the page makes of a file, by its type: which it shows, which it plays, and how large. */

/** @typedef {import("./kinds.js").File} Told */

const PICTURES = new Set(["image/avif", "image/gif", "image/jpeg", "image/png", "image/webp"]);
const VIDEOS = new Set(["video/mp4", "video/ogg", "video/quicktime", "video/webm", "video/3gpp"]);
const SOUNDS = new Set(["audio/aac", "audio/flac", "audio/mp4", "audio/mpeg", "audio/ogg", "audio/wav"]);
const MOST_WIDE = 360; // pixels of a picture in the timeline
const MOST_HIGH = 280;

/**
 * What a message says where it is quoted: its text, or which file it brings.
 * @param {{text?: string, files?: Told[]}} said
 */
export const quotable = ({ text = "", files = [] }) => text || (files.length ? `📎 ${files[0].name}` : "");

/**
 * @param {Told} file
 * @returns {"picture" | "video" | "sound" | "file"}
 */
export function sortOf({ type, width, height }) {
  if (PICTURES.has(type) && width && height) return "picture";
  if (VIDEOS.has(type)) return "video";
  return SOUNDS.has(type) ? "sound" : "file";
}

/**
 * How large a picture is in the timeline: as it is, or smaller, in its own proportions.
 * @param {Told} file
 */
export function shownSize({ width, height }) {
  const [wide, high] = [width || 1, height || 1];
  const scale = Math.min(1, MOST_WIDE / wide, MOST_HIGH / high);
  return { width: Math.max(1, Math.round(wide * scale)), height: Math.max(1, Math.round(high * scale)) };
}
