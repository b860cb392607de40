/** Begins: builds everything by hand, in one place. */
import { Chat } from "./chat/chat.js";
import { Rights } from "./chat/rights.js";
import { Ignored } from "./keep/ignored.js";
import { Settings } from "./keep/settings.js";
import { live, watchTabs } from "./keep/tabs.js";
import { returned } from "./net/sign-on.js";
import { Commands } from "./text/commands.js";
import { follow } from "./version.js";
import { App } from "./view/app.js";

const url = new URL("ws", location.href);
url.protocol = url.protocol.replace("http", "ws");
/**
 * What the document says under a name.
 * @param {string} name
 */
function told(name) {
  /** @type {HTMLMetaElement | null} */
  const meta = document.querySelector(`meta[name=${name}]`);
  return meta?.content ?? "";
}

live();
const settings = new Settings();
const ignored = new Ignored();
const chat = new Chat(url, told("application-name"), ignored, new Rights(JSON.parse(told("rights"))));
const empty = document.querySelector("hub-app"); // the document's, which only keeps the place
empty?.remove(); // before the element is defined, as it would become one of these
customElements.define("hub-app", App);
const commands = new Commands(JSON.parse(told("commands")));
const app = new App(chat, settings, ignored, commands, told("sign-on"));
document.body.prepend(app);
const back = returned();
await chat.begin();
app.begin();
if (back) chat.login.signInReturned();
watchTabs(() => chat.queue.adopt());
follow(chat.login, app.toast);
