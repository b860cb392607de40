/**
 * The form that asks for the user's name, and for the password of an account, before anything else is shown; or for
 * those with which an account is made.
 */
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
  /** @type {(invite: string) => void} */
  onleave = () => {}; // to the provider of the single sign-on
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
  #passwordLabel = el("label", { for: "login-password" });
  #problem = el("p", { id: "name-problem", class: "problem", role: "alert" });
  #suggestion = el("button", { type: "button", class: "plain", hidden: true });
  #other = el("button", { type: "button", class: "plain", hidden: true }, "Not you? Choose another name");
  #enter = el("button", { class: "primary" }, "Enter");
  #passwordRow = el("div", { hidden: true }, this.#passwordLabel, el("div", { class: "field" }, this.#password));
  #making = el("button", { type: "button", class: "plain", hidden: true });
  #makes = false; // an account is made,
  #invitation = ""; // with this code
  #codeRow = el("div", { hidden: true }, el("label", { for: "login-code" }, "Code from your app, or a recovery code"), el("div", { class: "field" }, this.#code));
  #provider = el("bdi");
  #signOn = el("button", { type: "button", class: "sign-on", hidden: true }, "Log in with ", this.#provider);
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
      this.#making,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#ask(this.#name.value);
    });
    this.#suggestion.addEventListener("click", () => this.#ask(this.#suggestion.value));
    this.#signOn.addEventListener("click", () => this.onleave(this.#invitation));
    this.#other.addEventListener("click", () => this.#askName());
    this.#making.addEventListener("click", () => this.#make(!this.#makes));
    for (const field of [this.#name, this.#password, this.#code]) field.addEventListener("input", () => this.#say(""));
    this.#name.addEventListener("input", () => this.#owner && keyOf(this.#name.value) !== this.#owner && this.#prove(""));
    const other = el("a", { href: "join" }, "Other ways to chat here: in a terminal, by IRC, or with a program");
    this.append(
      el(
        "div",
        { class: "card" },
        el("img", { src: "static/icon.svg", alt: "", width: "56", height: "56" }),
        el("h1", {}, this.#server),
        this.#about,
        form,
        this.#signOn,
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

  /**
   * What people call the provider of the single sign-on; "" for none.
   * @param {string} name
   */
  set provider(name) {
    this.#provider.textContent = safe(name);
    this.#signOn.hidden = !name;
  }

  /** Empties the fields: the user has been in the chat since, maybe under other names. */
  clear() {
    this.#name.value = this.#invitation = "";
    this.#making.hidden = true;
    this.#about.textContent = ABOUT;
    this.#make(false);
  }

  /**
   * Says what a link leads to.
   * @param {string} room into which one comes by it, or ""
   * @param {string} invitation the code with which an account is made by it, or ""
   */
  invite(room, invitation) {
    if (room) this.#about.replaceChildren("You are invited into ", el("strong", {}, "# ", el("bdi", {}, safe(room))), ". Give a name to come in.");
    else this.#about.textContent = "You are invited to have an account here: choose a name and a password.";
    this.#invitation = invitation;
    if (invitation) this.#make(true);
    this.#name.focus();
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
    if (code === "guests-off") {
      this.#about.textContent = MEMBERS_ONLY;
      this.#make(false);
    }
    this.busy = false;
    this.#say(error?.message ?? "", error?.suggestion);
    const byName = this.#makes ? ["", "name-taken", "invalid-name"].includes(code) : !this.#owner;
    const field = byName ? this.#name : code === "wrong-password" || this.#codeRow.hidden ? this.#password : this.#code;
    field.focus();
    field.select();
  }

  /** @param {boolean} busy */
  set busy(busy) {
    this.#enter.disabled = busy;
    this.#enter.textContent = busy ? "One moment…" : this.#makes ? "Make the account" : this.#owner ? "Log in" : "Enter";
  }

  /**
   * Asks for what an account is made with, or not any more.
   * @param {boolean} makes
   */
  #make(makes) {
    this.#prove("");
    this.#making.hidden = false;
    this.#making.textContent = makes ? "You have an account? Log in" : "Make an account";
    if (makes) this.#askPassword("Choose a password", "new-password");
    this.#makes = makes;
    this.busy = false;
  }

  /**
   * @param {Node | string} label
   * @param {"current-password" | "new-password"} kind
   */
  #askPassword(label, kind) {
    this.#passwordLabel.replaceChildren(label);
    this.#password.autocomplete = kind;
    this.#passwordRow.hidden = false;
    this.#password.required = true;
    if (kind === "new-password") this.#passwordRow.append(this.#enter);
    else this.#password.after(this.#enter);
  }

  /**
   * Shows the fields that prove that somebody is the owner of a name; "" hides and empties them.
   * @param {string} name
   */
  #prove(name, byCode = false) {
    this.#owner = keyOf(name);
    this.#makes = false;
    this.#passwordRow.hidden = this.#other.hidden = !name;
    this.#password.required = false;
    this.#codeRow.hidden = !byCode;
    // Behind the last field, where one goes on after typing in it.
    this.#name.after(this.#enter);
    if (name) this.#askPassword(el("span", {}, "Password of ", el("bdi", {}, safe(name))), "current-password");
    if (byCode) this.#code.after(this.#enter);
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
    if (this.#owner && keyOf(name) !== this.#owner) this.#prove("");
    this.#say("");
    this.busy = true;
    const code = this.#code.value.trim();
    const password = this.#password.value;
    const invite = this.#invitation;
    if (this.#makes) this.onname(name, { register: true, password, ...(invite && { invite }) });
    else this.onname(name, this.#owner ? { password, ...(code && { code }) } : {});
  }

  /**
   * @param {string} problem
   * @param {string} [suggestion]
   */
  #say(problem, suggestion) {
    this.#problem.textContent = problem;
    const wrong = this.#owner || this.#makes ? (this.#codeRow.hidden ? this.#password : this.#code) : this.#name;
    for (const field of [this.#name, this.#password, this.#code]) {
      field.setAttribute("aria-invalid", String(Boolean(problem) && field === wrong));
    }
    this.#suggestion.hidden = !suggestion;
    this.#suggestion.value = suggestion ?? "";
    this.#suggestion.textContent = suggestion ? `Use the name ${suggestion}` : "";
  }
}

customElements.define("hub-welcome", Welcome);
