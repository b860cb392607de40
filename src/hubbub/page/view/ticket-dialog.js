/** Links with a code: making one, for so many people and so long, and those that there are. */
import { inWords } from "../text/durations.js";
import { SERVER } from "../text/deeds.js";
import { safe } from "../text/safe.js";
import { ticketHash } from "../text/tickets.js";
import { fullTimeOf } from "../text/when.js";
import { copy } from "./clipboard.js";
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";
import { askingForm } from "./fields.js";

const MOST_USES = 1000;
const DAY = 86_400;
const TIMES = [3600, DAY, 7 * DAY, 30 * DAY];

/**
 * @typedef {import("../chat/moderating.js").Moderating} Moderating
 * @typedef {import("../chat/moderating.js").TicketTold} TicketTold
 * @typedef {import("../text/tickets.js").Ticket} Ticket
 */

/**
 * The part of a dialog where links are made, listed and ended.
 * @param {Moderating} moderating
 * @param {string} room its name on the server
 */
export function linkPart(moderating, room) {
  const uses = el("input", { id: "link-uses", type: "number", min: "1", max: MOST_USES, value: "1", required: true });
  const time = el(
    "select",
    { id: "link-time" },
    ...TIMES.map((seconds) => el("option", { value: seconds, selected: seconds === 7 * DAY }, inWords(seconds))),
    el("option", { value: "" }, "without an end"),
  );
  const shown = el("div", {});
  const list = ticketList(moderating, room);
  const make = async () => {
    try {
      const seconds = Number(time.value);
      const { code } = await moderating.makeTicket({ room, uses: uses.valueAsNumber, ...(seconds && { seconds }) });
      shown.replaceChildren(...linkShown(leading(room)(code)));
      return null;
    } catch (error) {
      return /** @type {Error} */ (error);
    }
  };
  const form = el("form", { class: "deed" });
  const problem = el("p", { class: "problem", role: "alert" });
  const button = el("button", {}, "Make a link");
  form.append(
    el("p", { class: "choices" }, el("label", { for: "link-uses" }, "For how many people"), uses),
    el("p", { class: "choices" }, el("label", { for: "link-time" }, "For how long"), time),
    problem,
    el("p", {}, button),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    problem.textContent = "";
    const error = await make();
    button.disabled = false;
    problem.textContent = error?.message ?? "";
    if (error) return;
    shown.querySelector("input")?.select();
    list.draw();
  });
  return el("div", { class: "parts" }, form, shown, list.node);
}

/**
 * A link that was made, to be handed on: its code is told only now.
 * @param {Ticket} ticket
 */
export function linkShown(ticket) {
  const { href } = new URL(ticketHash(ticket), location.href.replace(/#.*/, ""));
  const address = el("input", { id: "link-made", readonly: true, value: href, "aria-describedby": "link-about" });
  const said = el("p", { id: "link-about", class: "quiet", role: "status" }, "It is shown only now: who has it can use it.");
  const copying = el("button", { type: "button" }, "Copy it");
  copying.addEventListener("click", async () => {
    address.select();
    said.textContent = (await copy(href)) ? "It is copied." : "Your browser does not let this page copy. Please copy it from the field.";
  });
  const share = "share" in navigator && el("button", { type: "button" }, "Share it…");
  if (share) share.addEventListener("click", () => navigator.share({ url: href }).catch(() => {})); // the user may think better of it
  return [el("p", {}, el("label", { for: "link-made" }, "The link"), address), el("p", { class: "choices" }, copying, share), said];
}

/**
 * The links that there are, each with a button that ends it.
 * @param {Moderating} moderating
 * @param {string} room
 */
function ticketList(moderating, room) {
  const problem = el("p", { class: "problem", role: "alert" });
  const list = el("ul", { role: "list", class: "records", "aria-label": "Links" });
  const title = el("h3", { hidden: true }, "Links that are good");
  const draw = async () => {
    try {
      const tickets = await moderating.tickets(room);
      title.hidden = !tickets.length;
      list.replaceChildren(...tickets.map(row));
    } catch (error) {
      problem.textContent = /** @type {Error} */ (error).message;
    }
  };
  const row = (/** @type {TicketTold} */ one) => {
    const words = inText(one);
    const end = el("button", { type: "button", "aria-label": `End the link ${words}` }, "End it");
    end.addEventListener("click", async () => {
      end.disabled = true;
      problem.textContent = await moderating.do({ type: "end-ticket", room, ticket: one.id });
      if (problem.textContent) end.disabled = false;
      else end.textContent = "Ended";
    });
    return el("li", {}, el("span", { dir: "auto" }, words), end);
  };
  draw();
  return { node: el("div", {}, title, problem, list), draw };
}

/** @param {TicketTold} ticket */
function inText({ by, uses, until, user }) {
  const times = uses ?? 1;
  const whom = user ? `for a new password of ${safe(user)}` : times === 1 ? "for 1 person" : `for ${times.toLocaleString()} people`;
  return `${whom}, by ${safe(by)}, ${typeof until === "number" ? `until ${fullTimeOf(until)}` : "without an end"}`;
}

/**
 * What a link leads to.
 * @param {string} room its name on the server
 * @param {string} [user] whose password is chosen by it
 * @returns {(code: string) => Ticket}
 */
const leading = (room, user) => (code) => user ? { user, reset: code } : room === SERVER ? { invite: code } : { room, invite: code };

/**
 * Links into a room, or to the server: makes them, and ends them.
 * @param {Moderating} moderating
 * @param {string} room its name on the server
 * @param {string} title what it is called here
 */
export function showLinks(moderating, room, title) {
  const about = room === SERVER && el("p", {}, "Who has such a link can make an account here, also where one needs an invitation for it.");
  openDialog(`Links to ${title}`, el("div", { class: "scrolls" }, about, linkPart(moderating, room)));
}

/**
 * Makes a link that was asked for, and shows it.
 * @param {Moderating} moderating
 * @param {import("../net/frames.js").Command} asked
 * @param {(why: string) => void} refused
 */
export async function showMadeLink(moderating, asked, refused) {
  const { room, user } = /** @type {any} */ (asked);
  try {
    const { code } = await moderating.makeTicket(/** @type {any} */ (asked));
    openDialog("A link", el("div", { class: "scrolls account" }, ...linkShown(leading(room, user)(code))));
  } catch (error) {
    refused(/** @type {Error} */ (error).message);
  }
}

/**
 * A link by which somebody who has forgotten the password chooses another one.
 * @param {Moderating} moderating
 */
export function showResetLink(moderating) {
  const user = el("input", { id: "reset-name", required: true, maxlength: "128", dir: "auto", autocomplete: "off", "aria-describedby": "reset-link-problem" });
  const factor = el("input", { id: "reset-factor", type: "checkbox" });
  const shown = el("div", {});
  let whose = "";
  let code = "";
  const form = askingForm({
    id: "reset-link",
    does: "Make a link",
    fields: [{ label: "Who has forgotten the password?", field: user }],
    ask: async () => {
      whose = user.value.trim().replace(/^@/, "");
      try {
        ({ code } = await moderating.makeTicket({ room: SERVER, user: whose, seconds: DAY, ...(factor.checked && { factor: true }) }));
        return null;
      } catch (error) {
        return /** @type {Error} */ (error);
      }
    },
    done: () => {
      shown.replaceChildren(el("p", {}, `It is good for a day, and once. Hand it to ${safe(whose)} alone, in a way that nobody else can read.`), ...linkShown(leading(SERVER, whose)(code)));
      shown.querySelector("input")?.select();
    },
  });
  form.querySelector(".problem")?.before(el("p", { class: "check" }, factor, el("label", { for: "reset-factor" }, "Their second factor ends by it, too: the phone is lost")));
  openDialog("A link for a new password", el("div", { class: "scrolls account" }, form, shown));
  user.focus();
}
