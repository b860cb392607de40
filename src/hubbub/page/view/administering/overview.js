/** How the server is, what has to be known in time, and what the doctor finds. */
import { backupsInWords, counted, LEVELS, sorted, statusInWords } from "../../text/server.js";
import { safe } from "../../text/safe.js";
import { el } from "../dom.js";
import { doing, factList, problemLine } from "./parts.js";

/**
 * @param {import("./page.js").Given} given
 * @returns {import("./page.js").SectionMade}
 */
export function overview({ tasks }) {
  const problem = problemLine();
  const warnings = el("ul", { role: "list", class: "warnings", "aria-label": "Warnings" });
  const facts = el("div", {}, el("p", { class: "quiet" }, "Looking…"));
  const load = async () => {
    try {
      const status = await tasks.ask("status");
      const rows = statusInWords(status);
      const said = status.warnings.map(safe);
      if (!status.healthy) said.unshift("What people say cannot be saved at the moment. Look at what the server logs, and at its disk or database.");
      if (!status.owners.length) said.push("Nobody owns this server: who keeps it makes somebody an owner by hubbub admin owner NAME.");
      facts.replaceChildren(factList(rows));
      warnings.replaceChildren(...said.map((/** @type {string} */ one) => el("li", { dir: "auto" }, one)));
      problem.textContent = "";
      if (tasks.owns) await addBackups(tasks, status, facts, warnings);
    } catch (error) {
      problem.textContent = /** @type {Error} */ (error).message;
    }
  };
  const parts = [problem, warnings, facts, el("p", { class: "choices" }, doing("Look again", load))];
  return { node: el("div", {}, ...parts, tasks.owns && doctor(tasks)), load };
}

/**
 * What only owners are told: how it is with the backups.
 * @param {import("../../chat/administering.js").Administering} tasks
 * @param {any} status
 * @param {HTMLElement} facts
 * @param {HTMLElement} warnings
 */
async function addBackups(tasks, status, facts, warnings) {
  const told = await tasks.ask("backups").catch((error) => error);
  const failed = told instanceof Error;
  const { said, ill } = failed ? { said: `The backups cannot be looked at: ${told.message}`, ill: true } : backupsInWords(told, status);
  facts.firstChild?.appendChild(el("div", {}, el("dt", {}, "Backups"), el("dd", {}, said)));
  const known = status.warnings.some((/** @type {string} */ one) => /backup/i.test(one));
  if (ill && !known) warnings.append(el("li", {}, said, " ", el("a", { href: "#?server=backups" }, "What to do")));
}

/**
 * The doctor looks when it is asked: that takes its time.
 * @param {import("../../chat/administering.js").Administering} tasks
 */
function doctor(tasks) {
  const problem = problemLine();
  const said = el("p", { class: "quiet", role: "status" }, "The doctor looks at the database, the logs, the disk, the clock, the settings and more. It changes nothing, and takes up to a minute.");
  const list = el("ul", { role: "list", class: "findings", "aria-label": "Findings" });
  const look = async () => {
    problem.textContent = "";
    said.textContent = "The doctor is looking…";
    try {
      const { findings, errors, warnings } = await tasks.ask("doctor");
      said.textContent = errors || warnings ? `Found: ${counted(errors, "error")}, ${counted(warnings, "warning")}.` : "Nothing is wrong.";
      list.replaceChildren(...sorted(findings).map((one) => findingRow(/** @type {any} */ (one))));
    } catch (error) {
      said.textContent = "";
      problem.textContent = /** @type {Error} */ (error).message;
    }
  };
  return el("section", { "aria-labelledby": "doctor-title" }, el("h3", { id: "doctor-title" }, "Is all well?"), said, el("p", {}, doing("Ask the doctor", look)), problem, list);
}

/** @param {{level: string, about: string, said: string, cure: string}} finding */
function findingRow({ level, about, said, cure }) {
  return el(
    "li",
    { class: level },
    el("p", {}, el("strong", {}, LEVELS[level]), " ", el("small", {}, safe(about))),
    el("p", { dir: "auto" }, safe(said)),
    cure && el("p", { class: "quiet", dir: "auto" }, safe(cure)),
  );
}
