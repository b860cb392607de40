/** What holds in a room: everybody can read it, and those who may change it do it here. */
import { inWords } from "../text/durations.js";
import { keyOf } from "../text/names.js";
import { rulesOf, WORDS } from "../text/rules.js";
import { safe } from "../text/safe.js";
import { asking } from "./deed-dialog.js";
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";
import { showFilters, showInvited } from "./list-dialogs.js";
import { showAudit, showBans } from "./record-dialogs.js";

const SLOW = [0, 5, 10, 30, 60, 300, 900, 3600]; // seconds
const DAY_SECONDS = 86_400;
const MAX_MOST = 1_000_000; // people
const KEEP = [1, 7, 30, 90, 365, 0]; // days; 0: for good

/** @typedef {import("../chat/room.js").Room} Room */

/**
 * @param {import("../chat/chat.js").Chat} chat
 * @param {Room} room
 * @param {(room: Room) => Promise<string>} remove deletes it; resolves to why that cannot be, or ""
 */
export function showRoomSettings(chat, room, remove) {
  const { moderating } = chat;
  const name = `# ${safe(room.name)}`;
  const why = moderating.whyNot("rules", room);
  const rules = rulesForm(moderating, room);
  const rename = renameForm(moderating, room);
  const deleting = deleteForm(room, remove);
  const may = (/** @type {string} */ action) => moderating.may(action, room);
  const bans = el("button", { type: "button" }, "Who is banned or muted");
  const audit = el("button", { type: "button" }, "What was done here");
  const filters = el("button", { type: "button" }, "Words that may not be said");
  const invited = el("button", { type: "button" }, "Who is invited");
  const dialog = openDialog(
    `Rules of ${name}`,
    el(
      "div",
      { class: "scrolls", tabindex: "0", role: "group", "aria-label": "Rules" },
      el("ul", { class: "rules" }, ...rulesOf(room.standing).map((sentence) => el("li", {}, sentence))),
      why ? el("p", { class: "quiet", dir: "auto" }, why) : rules.form,
      may("audit") && el("p", { class: "field wraps" }, may("ban") && bans, may("ban") && invited, may("ban") && filters, audit),
      may("rename") && rename.form,
      may("delete") && chat.can("delete") && el("details", {}, el("summary", {}, "Delete this room"), deleting.form),
    ),
  );
  for (const { ask } of [rules, rename, deleting]) ask(dialog);
  const instead = (/** @type {typeof showBans | typeof showAudit | typeof showFilters} */ show) => {
    dialog.close();
    show(moderating, room.name, name);
  };
  bans.addEventListener("click", () => instead(showBans));
  audit.addEventListener("click", () => instead(showAudit));
  filters.addEventListener("click", () => instead(showFilters));
  invited.addEventListener("click", () => instead(showInvited));
  return dialog;
}

/**
 * @param {import("../chat/moderating.js").Moderating} moderating
 * @param {Room} room
 */
function rulesForm(moderating, { name: room, standing }) {
  const { access = "open", speak = "all", slow = 0, guests = true, archived = false, history = "all", newcomers = "free", keep_days = 0, topics = "all", outside = true, most = 0 } = standing ?? {};
  const password = el("input", { id: "access-password", type: "text", maxlength: "1000", autocomplete: "off", spellcheck: "false" });
  const secret = el("p", { hidden: access !== "locked" }, el("label", { for: "access-password" }, access === "locked" ? "Another password (empty: as now)" : "Password"), password);
  const radios = (/** @type {keyof typeof WORDS} */ rule, /** @type {string} */ now) =>
    Object.entries(WORDS[rule]).map(([value, words]) =>
      el("span", {}, el("input", { type: "radio", name: rule, value, id: `${rule}-${value}`, checked: value === now }), el("label", { for: `${rule}-${value}` }, words)),
    );
  const slows = SLOW.includes(slow) ? SLOW : [...SLOW, slow];
  const pace = el(
    "select",
    { id: "slow" },
    ...slows.map((seconds) => el("option", { value: seconds, selected: seconds === slow }, seconds ? `One message in ${inWords(seconds)}` : "As fast as one likes")),
  );
  const keep = el(
    "select",
    { id: "keep" },
    ...[...new Set([...KEEP, keep_days])].sort((one, other) => (one || Infinity) - (other || Infinity)).map((days) =>
      el("option", { value: days, selected: days === keep_days }, days ? `For ${inWords(days * DAY_SECONDS)}` : "For good"),
    ),
  );
  const limit = el("input", { id: "most", type: "number", min: "0", max: String(MAX_MOST), value: most || "", placeholder: "As many as come" });
  const inside = el("input", { type: "checkbox", id: "inside", checked: !outside });
  const allowed = el("input", { type: "checkbox", id: "guests", checked: guests });
  const closed = el("input", { type: "checkbox", id: "archived", checked: archived });
  const made = asking("Save", async () => {
    const data = new FormData(made.form);
    const wanted = { access: data.get("access"), speak: data.get("speak"), topics: data.get("topics"), history: data.get("history"), newcomers: data.get("newcomers"), slow: Number(pace.value), keep_days: Number(keep.value), guests: allowed.checked, outside: !inside.checked, most: Number(limit.value), archived: closed.checked };
    const before = { access, speak, topics, history, newcomers, slow, keep_days, guests, outside, most, archived };
    const changed = Object.entries(wanted).filter(([rule, value]) => value !== null && value !== before[/** @type {keyof typeof before} */ (rule)]);
    const secrets = wanted.access === "locked" && password.value ? { password: password.value } : {};
    if (!changed.length && !Object.keys(secrets).length) return "";
    return moderating.do({ type: "rules", room, ...Object.fromEntries(changed), ...secrets });
  });
  made.form.prepend(
    el("fieldset", { class: "column" }, el("legend", {}, "Who may come in and read"), ...radios("access", access), secret),
    el("fieldset", { class: "column" }, el("legend", {}, "Who may speak"), ...radios("speak", speak)),
    el("fieldset", { class: "column" }, el("legend", {}, "Who may set the topic"), ...radios("topics", topics)),
    el("fieldset", { class: "column" }, el("legend", {}, "What newcomers to the room may read"), ...radios("history", history)),
    el(
      "fieldset",
      { class: "column", "aria-describedby": "newcomers-are" },
      el("legend", {}, "What newcomers to the server may write"),
      el("p", { id: "newcomers-are", class: "quiet" }, "Newcomers are guests, and people whose account is new, without a role."),
      ...radios("newcomers", newcomers),
    ),
    el("p", {}, el("label", { for: "slow" }, "How fast"), pace),
    el("p", {}, el("label", { for: "keep" }, "How long messages stay"), keep),
    el("p", {}, el("label", { for: "most" }, "How many people may be in it"), limit),
    el("p", { class: "check" }, inside, el("label", { for: "inside" }, "Only who is in it may say something there")),
    el("p", { class: "check" }, allowed, el("label", { for: "guests" }, "Guests, who have no account, may come in")),
    el("p", { class: "check" }, closed, el("label", { for: "archived" }, "Closed: it can be read, and nothing more is said in it")),
  );
  made.form.addEventListener("change", () => (secret.hidden = new FormData(made.form).get("access") !== "locked"));
  return made;
}

/**
 * @param {import("../chat/moderating.js").Moderating} moderating
 * @param {Room} room
 */
function renameForm(moderating, { name: room }) {
  const name = el("input", { id: "room-name", value: room, maxlength: "200", dir: "auto", autocomplete: "off", spellcheck: "false" });
  const made = asking("Rename", async () => {
    if (name.value.trim() === room) return "";
    return moderating.do({ type: "rename-room", room, name: name.value });
  });
  made.form.prepend(el("label", { for: "room-name" }, "Its name"), name);
  return made;
}

/**
 * @param {Room} room
 * @param {(room: Room) => Promise<string>} remove
 */
function deleteForm(room, remove) {
  const name = el("input", { id: "delete-name", maxlength: "200", dir: "auto", autocomplete: "off", spellcheck: "false" });
  const made = asking("Delete", async () => {
    if (keyOf(name.value) !== room.key) return "That is not its name, so it was not deleted.";
    return remove(room);
  });
  const { standing } = room;
  made.form.prepend(
    el("p", {}, standing?.owned ? "All that was said in it goes with it, and nobody can bring it back." : "Nobody owns it: it can be deleted as long as nothing was said in it, and nobody else is there."),
    el("label", { for: "delete-name" }, "To delete it, type its name"),
    name,
  );
  return made;
}
