/** The rooms into which the user is invited, in the sidebar: to join one, or not now. */
import { safe } from "../text/safe.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";
import { nextFrame } from "./next-frame.js";
import { Router } from "./router.js";

export class InvitationBar extends HTMLElement {
  #invitations;
  #draw = () => this.#patch();
  #shown = "";

  /** @param {import("../chat/chat.js").Chat} chat */
  constructor(chat) {
    super();
    this.#invitations = chat.invitations;
    this.hidden = true;
    this.setAttribute("role", "status"); // it is read out when it comes
    chat.invitations.changed.on(() => nextFrame(this.#draw));
    chat.rooms.changed.on(() => nextFrame(this.#draw));
  }

  #patch() {
    const { open } = this.#invitations;
    const now = JSON.stringify(open);
    if (now === this.#shown) return;
    this.#shown = now;
    this.hidden = !open.length;
    this.replaceChildren(
      ...open.map(({ room, by }) => {
        const name = el("bdi", {}, safe(room));
        const decline = () => this.#invitations.decline(room);
        return el(
          "div",
          { class: "invitation" },
          el("p", {}, icon("invite"), name, el("small", {}, by ? " invited by " : " you are invited", by && el("bdi", {}, safe(by)))),
          el("a", { class: "button", href: Router.hash(room), "aria-label": `Join ${safe(room)}` }, "Join"),
          el("button", { type: "button", onclick: decline, "aria-label": `Not now: ${safe(room)}` }, "Not now"),
        );
      }),
    );
  }
}

customElements.define("hub-invitations", InvitationBar);
