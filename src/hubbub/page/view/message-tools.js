/** The buttons of a message. They are made once, and go to the message under the pointer or with the focus. */
import { el } from "./dom.js";
import { targetOf } from "./events.js";
import { iconButton } from "./icons.js";

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
      iconButton("link", "Copy a link to this message (l)", { "data-do": "link" }),
    ),
  );
  const offer = (/** @type {Event} */ event) => {
    const row = targetOf(event).closest(".said[data-seq]");
    if (row && tools.parentNode !== row) row.append(tools);
  };
  timeline.addEventListener("focusin", offer);
  timeline.addEventListener("pointerover", offer);
}
