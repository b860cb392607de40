/** The account: a guest is offered one; who has one changes the password, sees the devices, logs out, closes it. */
import { safe } from "../text/safe.js";
import { ago } from "../text/when.js";
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";
import { factorForm } from "./factor-form.js";
import { askingForm, passwordField } from "./fields.js";
import { codeInstead, signOnLink } from "./sign-on-link.js";

/**
 * @typedef {import("../chat/account.js").Account} Account
 * @typedef {import("../chat/account.js").Device} Device
 *
 * @typedef {object} Given
 * @property {Account} account
 * @property {string} invite the code of an invitation to make one, or ""
 * @property {string} user the user's name
 * @property {string} provider of the single sign-on, as people call it; "" for none
 * @property {number} waiting messages of the user that are not sent yet
 * @property {(sentence: string) => void} tell
 * @property {() => void} quit
 * @property {(password: string, empty: boolean) => Promise<Error | null>} close
 */

/** @param {Given} given */
export function showAccount(given) {
  const { account } = given;
  const made = openDialog("Account", el("div", { class: "scrolls account" }, ...(account.there ? whole(given, () => made) : offered(given, () => made))));
}

/**
 * What a guest sees.
 * @param {Given} given
 * @param {() => HTMLDialogElement} dialog
 */
function offered({ account, invite, user, tell }, dialog) {
  const name = el("input", { id: "account-name", name: "username", value: user, readonly: true, autocomplete: "username", dir: "auto" });
  const password = passwordField("account-password", "new-password", "register-problem");
  password.required = password.autofocus = true;
  return [
    el("p", {}, "You are a guest: when you have been away for a while, others can take your name. With a password it stays yours, and you log in with it in every client."),
    askingForm({
      id: "register",
      does: "Keep this name",
      fields: [{ label: "Your name", field: name }, { label: "Choose a password", field: password }],
      ask: () => account.register(password.value, invite),
      done: () => {
        dialog().close();
        tell(`The name ${safe(user)} is yours now.`);
      },
    }),
    el("p", { class: "quiet" }, "8 characters or more; a few words are easier to remember than a few signs. Nothing else is asked for, so nobody can send you a new one."),
  ];
}

/**
 * What somebody with an account sees.
 * @param {Given} given
 * @param {() => HTMLDialogElement} dialog
 */
function whole({ account, user, provider, waiting, tell, quit, close }, dialog) {
  const out = el("button", { type: "button" }, "Log out here");
  out.addEventListener("click", () => {
    dialog().close();
    quit();
  });
  const lost = waiting ? ` ${waiting === 1 ? "1 message that is" : `${waiting.toLocaleString()} messages that are`} not sent yet will be lost.` : "";
  return [
    el("p", {}, "You are ", el("strong", {}, el("bdi", {}, safe(user))), ". Your name can be changed in the settings."),
    el("h3", {}, "Where you are logged in"),
    devices(account, tell),
    el("p", {}, out),
    el("p", { class: "quiet" }, `Your messages and rooms are deleted from this browser then, and stay on the server.${lost}`),
    el("h3", {}, "Password"),
    passwords(account, user, tell),
    factorForm(account, user, tell),
    ...(provider ? [codeInstead(), signOnLink(account, provider, tell)] : []),
    ...(account.unowned ? [owning(account, tell)] : []),
    closing(close, dialog),
  ];
}

/**
 * The form for another password.
 * @param {Account} account
 * @param {string} user
 * @param {(sentence: string) => void} tell
 */
function passwords(account, user, tell) {
  const name = el("input", { name: "username", value: user, autocomplete: "username", hidden: true, readonly: true });
  const old = passwordField("old-password", "current-password", "password-problem");
  const next = passwordField("new-password", "new-password", "password-problem");
  old.required = next.required = true;
  const form = askingForm({
    id: "password",
    does: "Change the password",
    fields: [{ label: "Your password now", field: old }, { label: "The new one", field: next }],
    ask: () => account.changePassword(old.value, next.value),
    done: () => tell("Your password is changed. Your other devices are logged out."),
  });
  form.prepend(name);
  return form;
}

/**
 * The devices of the account, each with a button that logs it out.
 * @param {Account} account
 * @param {(sentence: string) => void} tell
 */
function devices(account, tell) {
  const list = el("ul", { role: "list", class: "devices", "aria-label": "Devices" });
  const status = el("p", { role: "status", class: "quiet" }, "Looking…");
  const others = el("button", { type: "button", hidden: true }, "Log out everywhere else");
  const draw = async () => {
    try {
      const found = await account.devices();
      list.replaceChildren(...found.map((one) => deviceRow(one, (device) => revoke(device, `Logged out: ${safe(device.client) || "a device"}.`))));
      others.hidden = found.length < 2;
      status.textContent = "";
    } catch (error) {
      status.textContent = /** @type {Error} */ (error).message;
    }
  };
  const revoke = async (/** @type {Device | null} */ device, /** @type {string} */ done) => {
    const error = await account.revoke(device?.id ?? null);
    await draw();
    status.textContent = error ? error.message : done;
    list.querySelector("button")?.focus();
    if (!error) tell(done);
  };
  others.addEventListener("click", () => revoke(null, "You are logged out everywhere else."));
  draw();
  return el("div", {}, list, status, others);
}

/**
 * @param {Device} device
 * @param {(device: Device) => void} revoke
 */
function deviceRow(device, revoke) {
  const { client, address, seen, current, connected } = device;
  const name = safe(client) || "A program";
  const when = current ? "this one" : connected ? "here now" : `last here ${ago(seen)}`;
  const out = el("button", { type: "button", "aria-label": `Log out ${name}, ${when}` }, "Log out");
  out.addEventListener("click", () => revoke(device));
  return el("li", {}, el("span", {}, el("bdi", {}, name), " ", el("small", {}, `${when} · `, el("bdi", {}, safe(address)))), !current && out);
}

/**
 * For who has set the server up: the code that it showed makes them its owner.
 * @param {Account} account
 * @param {(sentence: string) => void} tell
 */
function owning(account, tell) {
  const code = el("input", { id: "owner-code", maxlength: "64", required: true, autocomplete: "off", autocapitalize: "characters", spellcheck: "false", "aria-describedby": "own-problem" });
  const made = el(
    "details",
    {},
    el("summary", {}, "This server is mine"),
    askingForm({
      id: "own",
      does: "Become its owner",
      fields: [{ label: "The code that the server showed when it started", field: code }],
      ask: () => account.own(code.value),
      done: () => {
        made.remove();
        tell("You own this server now.");
      },
    }),
  );
  return made;
}

/**
 * @param {(password: string, empty: boolean) => Promise<Error | null>} close
 * @param {() => HTMLDialogElement} dialog
 */
function closing(close, dialog) {
  const password = passwordField("closing-password", "current-password", "close-problem");
  password.required = true;
  const radio = (/** @type {string} */ id, /** @type {boolean} */ checked) => el("input", { type: "radio", name: "closing", id, checked });
  const [stays, goes] = [radio("closing-stays", true), radio("closing-goes", false)];
  const form = askingForm({
    id: "close",
    does: "Close it for good",
    fields: [{ label: "Your password", field: password }],
    ask: () => close(password.value, goes.checked),
    done: () => dialog().close(),
  });
  form.prepend(
    el(
      "fieldset",
      { class: "column" },
      el("legend", {}, "What you have written"),
      el("span", {}, stays, el("label", { for: stays.id }, "stays, and “former member” stands where your name was")),
      el("span", {}, goes, el("label", { for: goes.id }, "is emptied everywhere, also in direct conversations: others see only that there was a message")),
    ),
  );
  return el(
    "details",
    {},
    el("summary", {}, "Close the account"),
    el("p", {}, "Your name is nobody’s then, and you are logged out everywhere. Rooms that you alone own are owned by nobody: give the role to somebody first. This cannot be undone."),
    form,
  );
}
