/** The second factor in the account's dialog: password, secret and first code, recovery codes; and turning it off. */
import { qrOf } from "../text/qr.js";
import { copy } from "./clipboard.js";
import { el } from "./dom.js";
import { askingForm, passwordField } from "./fields.js";

const SVG = "http://www.w3.org/2000/svg";
const QUIET = 4; // modules around a code (ISO/IEC 18004, 6.3.8)

/**
 * @typedef {import("../chat/account.js").Account} Account
 * @typedef {(sentence: string) => void} Tell
 */

/**
 * @param {Account} account
 * @param {string} user
 * @param {Tell} tell
 */
export function factorForm(account, user, tell) {
  const step = el("div", { class: "factor" });
  const made = el("details", {}, el("summary", {}, "Second factor: a code of your phone"), step);
  const show = (/** @type {(Node | string)[]} */ ...content) => {
    step.replaceChildren(...content);
    step.querySelector("input")?.focus();
  };
  const end = (/** @type {string} */ sentence) => {
    tell(sentence);
    made.open = false;
    step.replaceChildren(...begin());
    made.querySelector("summary")?.focus();
  };
  const begin = () => asked(account, user, { offer: (offered) => show(...offer(offered)), isOn: (password) => show(...off(account, password, end)) });
  const offer = (/** @type {import("../chat/account.js").Offered} */ offered) =>
    proved(account, offered, tell, (codes) => {
      step.replaceChildren(...kept(codes, user, tell, () => end("Log-ins ask for a code from now on.")));
      step.querySelector("h4")?.focus();
    });
  step.append(...begin());
  return made;
}

/**
 * Asks for the password.
 * @param {Account} account
 * @param {string} user
 * @param {{offer: (offered: import("../chat/account.js").Offered) => void, isOn: (password: string) => void}} next
 */
function asked(account, user, { offer, isOn }) {
  const password = passwordField("factor-password", "current-password", "factor-problem");
  password.required = true;
  let given = "";
  /** @type {import("../chat/account.js").Offered | null} */
  let offered = null;
  const form = askingForm({
    id: "factor",
    does: "Go on",
    fields: [{ label: "Your password", field: password }],
    ask: async () => {
      given = password.value;
      try {
        offered = await account.beginFactor(given);
      } catch (error) {
        // The password was right, and there is one already.
        if (/** @type {{code?: string}} */ (error).code !== "bad-message") return /** @type {Error} */ (error);
        offered = null;
      }
      return null;
    },
    done: () => (offered ? offer(offered) : isOn(given)),
  });
  form.prepend(el("input", { name: "username", value: user, autocomplete: "username", hidden: true, readonly: true }));
  return [el("p", {}, "With it, who has found out your password cannot log in: an app on your phone shows a new code every half minute, and each log-in asks for one."), form];
}

/**
 * @param {Account} account
 * @param {string} password
 * @param {Tell} end
 */
function off(account, password, end) {
  const button = el("button", { type: "button" }, "Turn it off");
  const problem = el("p", { class: "problem", role: "alert" });
  button.addEventListener("click", async () => {
    button.disabled = true;
    const error = await account.endFactor(password);
    button.disabled = false;
    if (error) problem.textContent = error.message;
    else end("Your second factor is off: the password is enough.");
  });
  setTimeout(() => button.focus());
  return [el("p", { role: "status" }, "It is on: each log-in asks for a code. Without it the password is enough. For new recovery codes, or another phone, turn it off, and on again."), problem, button];
}

/**
 * Shows the secret, and asks for the first code that is made of it.
 * @param {Account} account
 * @param {import("../chat/account.js").Offered} offered
 * @param {Tell} tell
 * @param {(codes: string[]) => void} done
 */
function proved(account, { secret, uri }, tell, done) {
  const code = el("input", {
    id: "factor-code",
    name: "code",
    required: true,
    maxlength: "64",
    inputmode: "numeric",
    autocomplete: "one-time-code",
    spellcheck: "false",
    "aria-describedby": "confirm-problem",
  });
  /** @type {string[]} */
  let codes = [];
  const form = askingForm({
    id: "confirm",
    does: "Turn it on",
    fields: [{ label: "2. Type the code that the app shows", field: code }],
    ask: async () => {
      try {
        ({ codes } = await account.confirmFactor(code.value.trim()));
        return null;
      } catch (error) {
        return /** @type {Error} */ (error);
      }
    },
    done: () => done(codes),
  });
  const shown = (secret.match(/.{1,4}/g) ?? []).join(" ");
  const rows = qrOf(uri);
  return [
    el("p", {}, "1. Scan this with an app for such codes (Aegis, FreeOTP, a password manager …):"),
    rows && drawn(rows),
    el("p", {}, "or give it the secret: ", el("code", { class: "secret" }, shown), " ", copyButton("Copy the secret", secret, tell)),
    uri.startsWith("otpauth:") && el("p", {}, el("a", { href: uri }, "Open it in an app on this device")),
    form,
  ].filter((one) => one instanceof Element);
}

/**
 * The recovery codes, which are shown only now.
 * @param {string[]} codes
 * @param {string} user
 * @param {Tell} tell
 * @param {() => void} done
 */
function kept(codes, user, tell, done) {
  const text = `${codes.join("\n")}\n`;
  const file = URL.createObjectURL(new Blob([`Recovery codes of ${user} at ${location.host}. Each is good once.\n\n${text}`], { type: "text/plain" }));
  const ready = el("button", { type: "button", class: "primary" }, "I have kept them");
  ready.addEventListener("click", () => {
    URL.revokeObjectURL(file);
    done();
  });
  return [
    el("h4", { tabindex: "-1" }, "It is on. Keep your recovery codes"),
    el("p", {}, "Each of them lets you in once if your phone is lost. They are shown only now."),
    el("ul", { role: "list", class: "codes" }, ...codes.map((code) => el("li", {}, el("code", {}, code)))),
    el(
      "p",
      { class: "choices" },
      copyButton("Copy them", text, tell),
      el("a", { class: "button", href: file, download: `recovery-codes-${location.hostname}.txt` }, "Save as a file"),
      ready,
    ),
  ];
}

/**
 * @param {string} label
 * @param {string} text
 * @param {Tell} tell
 */
function copyButton(label, text, tell) {
  const button = el("button", { type: "button" }, label);
  button.addEventListener("click", async () => tell((await copy(text)) ? "Copied." : "Your browser does not let this page copy. Please select the text, and copy it."));
  return button;
}

/**
 * A QR code as a picture: dark on light in every theme, as readers want it.
 * @param {string[]} rows
 */
function drawn(rows) {
  const size = rows.length + 2 * QUIET;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("class", "qr");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "QR code of the secret");
  svg.setAttribute("shape-rendering", "crispEdges");
  const path = document.createElementNS(SVG, "path");
  const dark = rows.flatMap((row, y) => [...row.matchAll(/1+/g)].map((run) => `M${QUIET + run.index} ${QUIET + y}h${run[0].length}v1h-${run[0].length}z`));
  path.setAttribute("d", dark.join(""));
  svg.append(path);
  return svg;
}
