/** Begins: builds everything by hand, in one place. */
import { Chat } from "./chat/chat.js";
import { Ignored } from "./keep/ignored.js";
import { Settings } from "./keep/settings.js";
import { live, watchTabs } from "./keep/tabs.js";
import { Commands } from "./text/commands.js";
import "./view/app.js";
import { follow } from "./version.js";

const url = new URL("/ws", location.href);
url.protocol = url.protocol.replace("http", "ws");

live();
const settings = new Settings();
const ignored = new Ignored();
const told = (name) => document.querySelector(`meta[name=${name}]`).content;
const chat = new Chat(url, told("application-name"), ignored);
const app = document.createElement("hub-app");
app.attach(chat, settings, ignored, new Commands(JSON.parse(told("commands"))));
document.querySelector("hub-app")?.replaceWith(app);
await chat.begin();
app.begin();
watchTabs(() => chat.queue.adopt());
follow(chat, app.toast);
