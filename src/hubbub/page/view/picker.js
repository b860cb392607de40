/** Lets the user choose one of all emoji: by its name, in groups, among the last ones, in a colour of skin. It is fetched when it is needed first. */
import { matching, toned } from "../text/faces.js";
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";
import { targetOf } from "./events.js";

const TONES = ["🏻", "🏼", "🏽", "🏾", "🏿"];
const TONE_NAMES = ["light", "medium light", "medium", "medium dark", "dark"];
const LAST = "Last used";

/**
 * @typedef {import("../text/faces.js").Face} Face
 * @typedef {import("../text/faces.js").Groups} Groups
 */

/** @type {Promise<Groups | null> | null} */
let fetching = null;

/** All emoji, or null. They are fetched once, and again after a failure. */
function loadAll() {
  fetching ??= fetchAll().catch(() => (fetching = null));
  return fetching;
}

/** @returns {Promise<Groups>} */
async function fetchAll() {
  const answer = await fetch(new URL("../text/emoji.json", import.meta.url));
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.json();
}

/**
 * @param {import("../keep/recent-emoji.js").RecentEmoji} recent
 * @param {(emoji: string) => void} choose
 */
export async function pick(recent, choose) {
  const query = el("input", { type: "search", id: "emoji-query", autocomplete: "off", placeholder: "Name of an emoji", "aria-controls": "emoji-found" });
  const status = el("p", { role: "status", class: "quiet" }, "Looking…");
  const groups = el("div", { class: "emoji-groups", role: "group", "aria-label": "Groups" });
  const found = el("div", { id: "emoji-found", class: "emoji-found" });
  const [one, two] = [toneChoice("Colour of skin"), toneChoice("Colour of skin of a second person")];
  const dialog = openDialog(
    "React",
    el("div", { class: "field" }, el("label", { for: "emoji-query", class: "unseen" }, "Search"), query),
    groups,
    found,
    el("div", { class: "emoji-tones" }, el("span", { "aria-hidden": "true" }, "Skin"), one, two),
    status,
  );
  dialog.classList.add("picker");
  // By touch one looks; a field with the focus would bring a keyboard over it.
  if (!matchMedia("(pointer: coarse)").matches) query.focus();
  const all = await loadAll();
  if (!all) {
    status.textContent = "The emoji could not be fetched. Try again when you are connected.";
    return;
  }
  [one.value, two.value] = [recent.tones.slice(0, 2), recent.tones.slice(2)];
  const show = () => {
    const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = words.length ? matching(all, words) : [...lastUsed(all, recent.all), ...all];
    const count = shown.reduce((sum, [, faces]) => sum + faces.length, 0);
    found.replaceChildren(...shown.map(([name, faces]) => section(name, faces, one.value, two.value)));
    const [first] = found.querySelectorAll("button");
    if (first) first.tabIndex = 0;
    groups.hidden = words.length > 0;
    status.textContent = words.length ? (count ? `${count.toLocaleString()} found.` : "There is no emoji of that name.") : "";
  };
  groups.replaceChildren(...all.map(([name, [[emoji]]]) => groupButton(name, emoji, found)));
  query.addEventListener("input", show);
  for (const select of [one, two]) {
    select.addEventListener("change", () => {
      recent.tones = one.value + two.value;
      show();
    });
  }
  found.addEventListener("click", (event) => {
    const button = targetOf(event).closest("button");
    if (!button) return;
    dialog.close();
    choose(button.value);
  });
  found.addEventListener("focusin", (event) => {
    const button = targetOf(event).closest("button");
    if (!button) return;
    for (const other of found.querySelectorAll("[tabindex='0']")) other.setAttribute("tabindex", "-1");
    button.tabIndex = 0;
    status.textContent = button.title;
  });
  found.addEventListener("pointerover", (event) => {
    const button = targetOf(event).closest("button");
    if (button) status.textContent = button.title;
  });
  found.addEventListener("keydown", (event) => move(event, found, query));
  query.addEventListener("keydown", (event) => {
    const first = found.querySelector("button");
    if (event.key === "ArrowDown") first?.focus();
    else if (event.key === "Enter" && query.value.trim()) first?.click();
    else return;
    event.preventDefault();
  });
  show();
}

/** @param {string} label */
function toneChoice(label) {
  const options = TONES.map((tone, at) => el("option", { value: tone }, `✋${tone} ${TONE_NAMES[at]}`));
  return el("select", { "aria-label": label, title: label }, el("option", { value: "" }, "✋ any"), ...options);
}

/** @type {(name: string, emoji: string, found: Element) => HTMLElement} */
function groupButton(name, emoji, found) {
  const button = el("button", { type: "button", "aria-label": name, title: name }, emoji);
  button.addEventListener("click", () => {
    const part = [...found.children].find((one) => one.getAttribute("aria-label") === name);
    part?.scrollIntoView();
    part?.querySelector("button")?.focus({ preventScroll: true });
  });
  return button;
}

/** @type {(name: string, faces: Face[], one: string, two: string) => HTMLElement} */
function section(name, faces, one, two) {
  const buttons = faces.map((face) => {
    const emoji = toned(face, one, two);
    return el("button", { type: "button", tabindex: "-1", value: emoji, "aria-label": face[1], title: face[1] }, emoji);
  });
  return el("section", { "aria-label": name }, el("h3", {}, name), el("div", { class: "emoji-faces" }, ...buttons));
}

/** @type {(all: Groups, used: string[]) => Groups} */
function lastUsed(all, used) {
  const names = new Map(all.flatMap(([, faces]) => faces.map(([emoji, name]) => [emoji, name])));
  const faces = used.map((emoji) => /** @type {Face} */ ([emoji, names.get(emoji) ?? emoji, ""]));
  return faces.length ? [[LAST, faces]] : [];
}

/** @type {(event: KeyboardEvent, found: Element, query: HTMLElement) => void} */
function move(event, found, query) {
  const buttons = [...found.querySelectorAll("button")];
  const at = buttons.findIndex((button) => button === document.activeElement);
  /** @type {Record<string, HTMLElement | undefined>} */
  const places = {
    ArrowRight: buttons[at + 1],
    ArrowLeft: buttons[Math.max(0, at - 1)],
    ArrowDown: beyond(buttons, at, 1),
    ArrowUp: beyond(buttons, at, -1) ?? query,
    Home: buttons[0],
    End: buttons.at(-1),
  };
  if (at < 0 || !Object.hasOwn(places, event.key)) return;
  event.preventDefault();
  places[event.key]?.focus();
}

/**
 * The one above or below a button: in the next row, as far from its edge.
 * @type {(buttons: HTMLElement[], at: number, step: 1 | -1) => HTMLElement | undefined}
 */
function beyond(buttons, at, step) {
  const { offsetTop: top, offsetLeft: left } = buttons[at];
  let next = at;
  while (buttons[next]?.offsetTop === top) next += step;
  const row = buttons[next]?.offsetTop;
  /** @type {HTMLElement | undefined} */
  let best;
  for (; buttons[next] && buttons[next].offsetTop === row; next += step) {
    if (!best || Math.abs(buttons[next].offsetLeft - left) < Math.abs(best.offsetLeft - left)) best = buttons[next];
  }
  return best;
}
