/** How long messages stay on the whole server. */
import { inWords } from "../../text/durations.js";
import { SERVER } from "../../text/deeds.js";
import { el } from "../dom.js";
import { problemLine, question } from "./parts.js";

const DAY = 86_400; // s
const KEEP = [1, 7, 30, 90, 365, 730, 0]; // days; 0: for good

/** @param {number} days */
const kept = (days) => (days ? `For ${inWords(days * DAY)}` : "For good");

/**
 * @param {import("./page.js").Given} given
 * @returns {import("./page.js").SectionMade}
 */
export function messages({ tasks, chat, tell }) {
  const problem = problemLine();
  const choice = el("select", { id: "server-keep" });
  const save = el("button", { class: "primary" }, "Save");
  const form = el("form", { class: "deed" }, el("p", {}, el("label", { for: "server-keep" }, "In all rooms messages stay"), choice), problem, el("p", {}, save));
  let now = 0;
  const load = async () => {
    try {
      now = (await tasks.ask("status")).keep_days;
      const days = [...new Set([...KEEP, now])].sort((one, other) => (one || Infinity) - (other || Infinity));
      choice.replaceChildren(...days.map((one) => el("option", { value: one, selected: one === now }, kept(one))));
      problem.textContent = "";
    } catch (error) {
      problem.textContent = /** @type {Error} */ (error).message;
    }
  };
  const set = async (/** @type {number} */ days) => {
    const why = await chat.moderating.do({ type: "rules", room: SERVER, keep_days: days });
    if (why) return why;
    problem.textContent = "";
    tell(days ? `On this server messages stay for ${inWords(days * DAY)} now.` : "On this server messages stay for good now.");
    now = days;
    return "";
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const days = Number(choice.value);
    if (days === now) return;
    const shorter = days !== 0 && (now === 0 || days < now);
    if (!shorter) problem.textContent = await set(days);
    else {
      question({
        title: "Let old messages go",
        does: `What was said more than ${inWords(days * DAY)} ago is deleted from all rooms, also from the search and from later backups. This cannot be undone.`,
        label: "Delete what is older",
        act: () => set(days),
      });
    }
  });
  const told = "A room may have a shorter time of its own, in its rules: the shorter one holds. What is older is deleted little by little, from the server’s disk, the search and people’s clients.";
  return { node: el("div", {}, form, el("p", { class: "quiet" }, told)), load };
}
