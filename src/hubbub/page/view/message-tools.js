/**
 * The buttons of a message. They are made once, and go to the message under the pointer or with the focus. A finger
 * that stays on a message opens its menu, and one that stays on a reaction shows who has reacted.
 */
import { el } from "./dom.js";
import { targetOf } from "./events.js";
import { iconButton } from "./icons.js";

const LONG_MS = 500; // a touch
const NEAR = 10; // pixels that a finger may move in it

/**
 * Shows them in the messages of a timeline.
 * @param {HTMLElement} timeline
 */
export function offerTools(timeline) {
  // In a long message they stay in sight while it is scrolled.
  const tools = el(
    "div",
    { class: "tools" },
    el(
      "div",
      { class: "tool-set", role: "group", "aria-label": "Message" },
      iconButton("reply", "Reply (r)", { "data-do": "reply" }),
      iconButton("person", "Who wrote this", { "data-do": "author-menu", "aria-haspopup": "menu" }),
      iconButton("smile", "React (e)", { "data-do": "pick" }),
      iconButton("dots", "More", { "data-do": "message-menu", "aria-haspopup": "menu" }),
    ),
  );
  const offer = (/** @type {Event} */ event) => {
    const row = targetOf(event).closest(".said[data-seq]");
    if (row && tools.parentNode !== row) row.append(tools);
  };
  timeline.addEventListener("focusin", offer);
  timeline.addEventListener("pointerover", offer);
  const open = (/** @type {Event} */ event) => {
    const target = targetOf(event);
    if (target.closest("a, button:not(.picture)") || !target.closest(".said[data-seq]")) return;
    event.preventDefault();
    offer(event);
    /** @type {HTMLElement | null} */
    const button = tools.querySelector("[data-do=message-menu]");
    button?.click();
  };
  /** @type {PointerEvent | null} */
  let down = null;
  timeline.addEventListener("pointerdown", (event) => (down = event.pointerType === "touch" && event.isPrimary ? event : null));
  timeline.addEventListener("scroll", () => (down = null), { passive: true });
  // Android tells of a long press by this, and of no end of the touch.
  timeline.addEventListener("contextmenu", (event) => {
    if (down) open(event);
    down = null;
  });
  // Elsewhere it is one that ends late, in its place.
  timeline.addEventListener("pointerup", (event) => {
    const stayed = down && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < NEAR;
    const long = Boolean(stayed && down && event.timeStamp - down.timeStamp >= LONG_MS);
    down = null;
    if (!long) return;
    const chip = targetOf(event).closest(".reaction");
    if (chip || targetOf(event).closest(".picture")) {
      // The click that ends it would set the reaction, or open the picture.
      const swallow = (/** @type {Event} */ click) => click.stopPropagation();
      timeline.addEventListener("click", swallow, { capture: true, once: true });
      setTimeout(() => timeline.removeEventListener("click", swallow, { capture: true }), 0);
    }
    if (chip) chip.dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true }));
    else setTimeout(open, 0, event);
  });
}
