/** The backups of the server: which there are, one made now, and whether one can be read. */
import { safe } from "../../text/safe.js";
import { backupsInWords, counted } from "../../text/server.js";
import { sizeInWords } from "../../text/sizes.js";
import { momentOf } from "../../text/when.js";
import { el } from "../dom.js";
import { doing, problemLine } from "./parts.js";

const MOST_SHOWN = 100;

/**
 * @param {import("./page.js").Given} given
 * @returns {import("./page.js").SectionMade}
 */
export function backups({ tasks }) {
  const problem = problemLine();
  const said = el("p", { role: "status" }, "Looking…");
  const list = el("ul", { role: "list", class: "records", "aria-label": "Backups" });
  const missing = howTo();
  const load = async () => {
    try {
      const [told, status] = await Promise.all([tasks.ask("backups"), tasks.ask("status")]);
      const none = told.place == null;
      const state = backupsInWords(told, status);
      said.textContent = state.said;
      said.className = state.ill ? "problem" : "";
      missing.hidden = !none || status.shared;
      restoring.hidden = status.shared;
      make.hidden = none;
      const shown = told.backups.slice(0, MOST_SHOWN).map((/** @type {any} */ one) => row(one, status.log));
      list.replaceChildren(...shown);
      if (told.backups.length > shown.length) list.append(el("li", {}, `And ${counted(told.backups.length - shown.length, "older one")}.`));
      problem.textContent = "";
    } catch (error) {
      said.textContent = "";
      problem.textContent = /** @type {Error} */ (error).message;
    }
  };
  const make = doing("Make one now", async () => {
    problem.textContent = "";
    said.textContent = "A backup is being made. You may leave this page: it goes on.";
    const why = await tasks.do("backup");
    await load();
    if (why) problem.textContent = why;
  }, { class: "primary", hidden: true });
  const row = (/** @type {any} */ { name, bytes, at, log }, /** @type {string} */ mine) => {
    const foreign = !mine.startsWith(log);
    const result = el("span", { role: "status", class: "quiet" });
    const check = doing("Check it", async () => {
      result.textContent = "Reading all of it…";
      try {
        const { events } = await tasks.ask("verify", { backup: name });
        result.textContent = `It is as it was written: ${counted(events, "event")}.`;
      } catch (error) {
        result.textContent = /** @type {Error} */ (error).message;
      }
    }, { "aria-label": `Check the backup of ${momentOf(at)}` });
    return el("li", {}, el("span", {}, `${momentOf(at)} · ${sizeInWords(bytes)}${foreign ? " · of another server" : ""}`, el("small", {}, ` ${safe(name)}`)), check, result);
  };
  const restoring = el("p", { class: "quiet" }, "Restoring one is done on the server’s computer, while the server is stopped: ", el("code", {}, "hubbub admin restore FILE"), ".");
  return { node: el("div", {}, said, problem, missing, el("p", {}, make), list, restoring), load };
}

/** What has to be set before there are any. */
function howTo() {
  return el(
    "div",
    { hidden: true },
    el("p", {}, "Whoever keeps the server’s computer says where backups go, in the server’s settings: a folder on another disk, or a bucket. Then one is made each day."),
    el("pre", { tabindex: "0", role: "group", "aria-label": "The setting" }, el("code", {}, 'backup-to = "/mnt/other-disk/hubbub"')),
    el("p", { class: "quiet" }, "After that the server is restarted. A bucket is written as s3://BUCKET/PREFIX."),
  );
}
