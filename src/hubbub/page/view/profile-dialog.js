/** What others are told of the user, to be changed. */
import { asking } from "./deed-dialog.js";
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";

const ABOUT_CHARS = 200;
const NOTE_CHARS = 100;
const STATES = /** @type {const} */ ([["here", "Here"], ["away", "Away"], ["busy", "Busy: nothing alerts you"]]);

/** @param {import("../chat/profile.js").Profile} profile */
export function showProfile(profile) {
  const about = el("input", { id: "about-me", value: profile.about, maxlength: ABOUT_CHARS, dir: "auto" });
  const note = el("input", { id: "my-note", value: profile.note, maxlength: NOTE_CHARS, dir: "auto" });
  const seen = el("input", { id: "my-seen", type: "checkbox", checked: !profile.hidesSeen });
  const guests = el("input", { id: "guests-write", type: "checkbox", checked: !profile.accountsOnly });
  const states = STATES.map(([status, label]) => {
    const radio = el("input", { type: "radio", name: "my-status", id: `my-${status}`, value: status, checked: profile.status === status });
    return { radio, status, row: el("span", {}, radio, el("label", { for: radio.id }, label)) };
  });
  const { form, ask } = asking("Save", async () => {
    const status = states.find(({ radio }) => radio.checked)?.status ?? "here";
    const error = await profile.set({ about: about.value.trim(), status, note: status === "here" ? "" : note.value.trim(), hides_seen: !seen.checked, accounts_only: !guests.checked });
    return error?.message ?? "";
  });
  form.prepend(
    el("p", {}, el("label", { for: about.id }, "About you, in a line"), about),
    el("fieldset", {}, el("legend", {}, "How others see you"), ...states.map(({ row }) => row)),
    el("p", {}, el("label", { for: note.id }, "Why you are away or busy (may be left out)"), note),
    el("p", { class: "check" }, seen, el("label", { for: seen.id }, "Others may see when I was here last")),
    el("p", { class: "check" }, guests, el("label", { for: guests.id }, "Guests may write to me alone, also if I have not written to them")),
  );
  const dialog = openDialog("Your profile", el("div", { class: "scrolls account" }, form));
  ask(dialog);
  about.focus();
}
