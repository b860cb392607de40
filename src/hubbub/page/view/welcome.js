/** The form that asks for the user's name, before anything else is shown. */
import { safe } from "../text/safe.js";
import { el } from "./dom.js";

export class Welcome extends HTMLElement {
  /** @type {(name: string) => void} */
  onname = () => {};
  #name = el("input", {
    id: "name",
    name: "name",
    required: true,
    maxlength: "128",
    autocomplete: "nickname",
    autocapitalize: "words",
    spellcheck: "false",
    dir: "auto",
    "aria-describedby": "name-problem",
  });

  #server = el("bdi");
  #problem = el("p", { id: "name-problem", class: "problem", role: "alert" });
  #suggestion = el("button", { type: "button", class: "plain", hidden: true });
  #enter = el("button", { class: "primary" }, "Enter");

  connectedCallback() {
    if (this.firstChild) return;
    const form = el(
      "form",
      {},
      el("label", { for: "name" }, "What is your name?"),
      el("div", { class: "field" }, this.#name, this.#enter),
      this.#problem,
      this.#suggestion,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#ask(this.#name.value);
    });
    this.#suggestion.addEventListener("click", () => this.#ask(this.#suggestion.value));
    this.#name.addEventListener("input", () => this.#say(""));
    const other = el("a", { href: "/join" }, "Other ways to chat here: in a terminal, or with a program");
    this.append(
      el(
        "div",
        { class: "card" },
        el("img", { src: "/static/icon.svg", alt: "", width: "56", height: "56" }),
        el("h1", {}, this.#server),
        el("p", {}, "Chat rooms where sent means saved. You need a name, and no account."),
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

  /** Empties the field: the user has been in the chat since, maybe under other names. */
  clear() {
    this.#name.value = "";
  }

  /**
   * Asks for a name. The field has the one of the last time; `error` says why a name was refused.
   * @param {string} name
   * @param {{message: string, suggestion?: string} | null} error
   */
  show(name, error = null) {
    if (name && !this.#name.value) this.#name.value = name;
    this.busy = false;
    this.#say(error?.message ?? "", error?.suggestion);
    this.#name.focus();
    this.#name.select();
  }

  /** @param {boolean} busy */
  set busy(busy) {
    this.#enter.disabled = busy;
    this.#enter.textContent = busy ? "One moment…" : "Enter";
  }

  /** @param {string} name */
  #ask(name) {
    if (!name.trim()) return;
    this.#name.value = name;
    this.#say("");
    this.busy = true;
    this.onname(name);
  }

  /**
   * @param {string} problem
   * @param {string} [suggestion]
   */
  #say(problem, suggestion) {
    this.#problem.textContent = problem;
    this.#name.setAttribute("aria-invalid", String(Boolean(problem)));
    this.#suggestion.hidden = !suggestion;
    this.#suggestion.value = suggestion ?? "";
    this.#suggestion.textContent = suggestion ? `Use the name ${suggestion}` : "";
  }
}

customElements.define("hub-welcome", Welcome);
