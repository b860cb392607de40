/** Icons, and buttons that show one. */
import { el } from "./dom.js";

/** @typedef {import("./dom.js").Attribute} Attribute */

const SVG = "http://www.w3.org/2000/svg";

/** Icons by name: SVG paths in a square of 24 by 24. They are drawn as lines. */
const ICONS = {
  rooms: "M4 9h16M4 15h16M10 3 8 21M16 3l-2 18",
  menu: "M4 6h16M4 12h16M4 18h16",
  members: "M16 21v-2a4 4 0 0 0-4-4H6a4 4 0 0 0-4 4v2M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8M22 21v-2a4 4 0 0 0-3-3.9M16 3.1a4 4 0 0 1 0 7.8",
  lock: "M6 11h12v10H6zM8 11V7a4 4 0 0 1 8 0v4",
  invite: "M16 21v-2a4 4 0 0 0-4-4H6a4 4 0 0 0-4 4v2M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8M19 8v6M16 11h6",
  role: "M12 22s8-4 8-10V5l-8-3-8 3v7c0 6 8 10 8 10",
  ban: "M12 22a10 10 0 1 0 0-20 10 10 0 0 0 0 20M5 5l14 14",
  speak: "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3M5 11a7 7 0 0 0 14 0M12 18v3",
  mute: "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3M5 11a7 7 0 0 0 14 0M12 18v3M3 3l18 18",
  rules: "M8 6h13M8 12h13M8 18h13M3 6h.01M3 12h.01M3 18h.01",
  person: "M20 21v-2a4 4 0 0 0-4-4H8a4 4 0 0 0-4 4v2M12 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8",
  search: "M11 19a8 8 0 1 0 0-16 8 8 0 0 0 0 16M21 21l-4.3-4.3",
  settings: "M4 6h10M18 6h2M4 12h2M10 12h10M4 18h10M18 18h2M14 4v4M6 10v4M14 16v4",
  help: "M12 22a10 10 0 1 0 0-20 10 10 0 0 0 0 20M9.1 9a3 3 0 0 1 5.8 1c0 2-3 3-3 3M12 17v.01",
  reply: "M9 17 4 12l5-5M20 18v-2a4 4 0 0 0-4-4H4",
  link: "M10 13a5 5 0 0 0 7.5.5l3-3a5 5 0 0 0-7-7l-1.7 1.7M14 11a5 5 0 0 0-7.5-.5l-3 3a5 5 0 0 0 7 7l1.7-1.7",
  close: "M6 6l12 12M18 6 6 18",
  down: "M12 5v14M19 12l-7 7-7-7",
  up: "M12 19V5M5 12l7-7 7 7",
  send: "M22 2 11 13M22 2l-7 20-4-9-9-4z",
  newLine: "M20 5v6a4 4 0 0 1-4 4H4M9 10l-5 5 5 5",
  plus: "M12 5v14M5 12h14",
  mention: "M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0M16 8v5a3 3 0 0 0 6 0v-1a10 10 0 1 0-4 8",
  done: "M20 6 9 17l-5-5",
  more: "m6 9 6 6 6-6",
  leave: "M10 4H5v16h5M15 8l4 4-4 4M19 12H9",
  delete: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  hide: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6M3 3l18 18",
  show: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6",
  flag: "M5 22V4h13l-2 4 2 4H5",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  smile: "M12 22a10 10 0 1 0 0-20 10 10 0 0 0 0 20M8 14s1.5 2 4 2 4-2 4-2M9 9h.01M15 9h.01",
  edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  undo: "M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
  pin: "M12 17v5M8 3h8l-1 7 3 4H6l3-4z",
  talk: "M4 4h16v12H9l-5 4z",
  past: "M3 12a9 9 0 1 0 3-6.7L3 8M3 3v5h5M12 8v4l3 2",
  dots: "M5 13a1 1 0 1 0 0-2 1 1 0 0 0 0 2M12 13a1 1 0 1 0 0-2 1 1 0 0 0 0 2M19 13a1 1 0 1 0 0-2 1 1 0 0 0 0 2",
  file: "M21 11 12 20a5.5 5.5 0 0 1-8-8l9-9a3.7 3.7 0 0 1 5.3 5.3l-9 9a1.8 1.8 0 0 1-2.6-2.6l8.3-8.3",
  retry: "M20 11a8 8 0 1 0-2.3 6M20 4v7h-7",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  bell: "M18 8a6 6 0 0 0-12 0c0 7-3 9-3 9h18s-3-2-3-9M13.7 21a2 2 0 0 1-3.4 0",
};

/** @typedef {keyof typeof ICONS} Icon */

/**
 * An icon. Screen readers pass it over and read the label of its button.
 * @param {Icon} name
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/**
 * A button that shows an icon and no words.
 * @param {Icon} name
 * @param {string} label
 * @param {Record<string, Attribute>} attributes
 */
export function iconButton(name, label, attributes = {}) {
  return el(
    "button",
    { type: "button", class: "icon-button", "aria-label": label, title: label, ...attributes },
    icon(name),
  );
}
