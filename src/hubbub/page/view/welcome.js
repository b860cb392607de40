/** The form that asks for the user's name, and for the password of an account, before anything else is shown. */
import { keyOf } from "../text/names.js";
import { safe } from "../text/safe.js";
import { el } from "./dom.js";
import { passwordField } from "./fields.js";

/**
 * @typedef {import("../net/session.js").Secrets} Secrets
 * @typedef {{message: string, code?: string, suggestion?: string}} Problem
 */

const ABOUT = "Chat rooms where sent means saved. You need a name, and no account.";
const MEMBERS_ONLY = "Chat rooms where sent means saved. You need an account here.";
/** What has to be proved besides the name, by the codes of the server's refusals. */
const ASKS_PASSWORD = ["need-password", "wrong-password", "need-code", "wrong-code"];
const ASKS_CODE = ["need-code", "wrong-code"];

export class Welcome extends HTMLElement {
  /** @type {(name: string, secrets: Secrets) => void} */
  onname = () => {};
  #name = el("input", {
    id: "name",
    name: "username",
    required: true,
    maxlength: "128",
    autocomplete: "username",
    autocapitalize: "words",
    spellcheck: "false",
    dir: "auto",
    "aria-describedby": "name-problem",
  });
  #password = passwordField("login-password", "current-password", "name-problem");
  #code = el("input", {
    id: "login-code",
    name: "code",
    maxlength: "64",
    autocomplete: "one-time-code",
    autocapitalize: "none",
    spellcheck: "false",
    "aria-describedby": "name-problem",
  });

  #server = el("bdi");
  #about = el("p", {}, ABOUT);
  #whose = el("bdi");
  #problem = el("p", { id: "name-problem", class: "problem", role: "alert" });
  #suggestion = el("button", { type: "button", class: "plain", hidden: true });
  #other = el("button", { type: "button", class: "plain", hidden: true }, "Not you? Choose another name");
  #enter = el("button", { class: "primary" }, "Enter");
  #passwordRow = el("div", { hidden: true }, el("label", { for: "login-password" }, "Password of ", this.#whose), el("div", { class: "field" }, this.#password));
  #codeRow = el("div", { hidden: true }, el("label", { for: "login-code" }, "Code from your app, or a recovery code"), el("div", { class: "field" }, this.#code));
  #owner = ""; // the key of the name whose password is asked for; "" for none

  connectedCallback() {
    if (this.firstChild) return;
    const form = el(
      "form",
      {},
      el("label", { for: "name" }, "What is your name?"),
      el("div", { class: "field" }, this.#name, this.#enter),
      this.#passwordRow,
      this.#codeRow,
      this.#problem,
      this.#suggestion,
      this.#other,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#ask(this.#name.value);
    });
    this.#suggestion.addEventListener("click", () => this.#ask(this.#suggestion.value));
    this.#other.addEventListener("click", () => this.#askName());
    for (const field of [this.#name, this.#password, this.#code]) field.addEventListener("input", () => this.#say(""));
    this.#name.addEventListener("input", () => keyOf(this.#name.value) !== this.#owner && this.#prove(""));
    const other = el("a", { href: "/join" }, "Other ways to chat here: in a terminal, or with a program");
    this.append(
      el(
        "div",
        { class: "card" },
        el("img", { src: "/static/icon.svg", alt: "", width: "56", height: "56" }),
        el("h1", {}, this.#server),
        this.#about,
        form,
      ),
      el("p", { class: "other" }, other),
    );
  }

  /**
   * The name of the server.
   * @param {string} name
   */
  set server(name) {
    this.#server.textContent = safe(name);
  }

  /** Empties the fields: the user has been in the chat since, maybe under other names. */
  clear() {
    this.#name.value = "";
    this.#prove("");
  }

  /**
   * Asks for a name, and for what proves that it is the user's, if `error` says that the server wants that. The
   * field has the name of the last time.
   * @param {string} name
   * @param {Problem | null} error
   */
  show(name, error = null) {
    if (name && !this.#name.value) this.#name.value = name;
    const code = error?.code ?? "";
    if (ASKS_PASSWORD.includes(code)) this.#prove(this.#name.value, this.#codeRow.hidden ? ASKS_CODE.includes(code) : true);
    if (code === "guests-off") this.#about.textContent = MEMBERS_ONLY;
    this.busy = false;
    this.#say(error?.message ?? "", error?.suggestion);
    const field = !this.#owner ? this.#name : code === "wrong-password" || this.#codeRow.hidden ? this.#password : this.#code;
    field.focus();
    field.select();
  }

  /** @param {boolean} busy */
  set busy(busy) {
    this.#enter.disabled = busy;
    this.#enter.textContent = busy ? "One moment…" : this.#owner ? "Log in" : "Enter";
  }

  /**
   * Shows the fields that prove that somebody is the owner of a name; "" hides and empties them.
   * @param {string} name
   */
  #prove(name, byCode = false) {
    this.#owner = keyOf(name);
    this.#whose.textContent = safe(name);
    this.#passwordRow.hidden = this.#other.hidden = !name;
    this.#password.required = Boolean(name);
    this.#codeRow.hidden = !byCode;
    // Behind the last field, where one goes on after typing in it.
    const [last] = [byCode && this.#code, name && this.#password, this.#name].filter((one) => one instanceof HTMLElement);
    last?.after(this.#enter);
    if (!name) this.#password.value = "";
    if (!byCode) this.#code.value = "";
    this.busy = false;
  }

  #askName() {
    this.#prove("");
    this.#say("");
    this.#name.focus();
    this.#name.select();
  }

  /** @param {string} name */
  #ask(name) {
    if (!name.trim()) return;
    this.#name.value = name;
    if (keyOf(name) !== this.#owner) this.#prove("");
    this.#say("");
    this.busy = true;
    const code = this.#code.value.trim();
    this.onname(name, this.#owner ? { password: this.#password.value, ...(code && { code }) } : {});
  }

  /**
   * @param {string} problem
   * @param {string} [suggestion]
   */
  #say(problem, suggestion) {
    this.#problem.textContent = problem;
    const wrong = this.#owner ? (this.#codeRow.hidden ? this.#password : this.#code) : this.#name;
    for (const field of [this.#name, this.#password, this.#code]) {
      field.setAttribute("aria-invalid", String(Boolean(problem) && field === wrong));
    }
    this.#suggestion.hidden = !suggestion;
    this.#suggestion.value = suggestion ?? "";
    this.#suggestion.textContent = suggestion ? `Use the name ${suggestion}` : "";
  }
}

customElements.define("hub-welcome", Welcome);
