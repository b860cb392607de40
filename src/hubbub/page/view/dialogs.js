/** The dialogs of the page: what more.js fetches. What they import is in the page a second time, and keeps no state. */
import { deed } from "../text/deeds.js";
import { showAccount as account } from "./account-dialog.js";
import { administration } from "./administration.js";
import { askPassword as password } from "./door-dialog.js";
import { showHelp as help } from "./help.js";
import { showInvite as invite } from "./invite-dialog.js";
import { personItems } from "./person-items.js";
import { showAudit as audit, showBans as bans } from "./record-dialogs.js";
import { showRoomSettings as room } from "./room-settings.js";
import { showSettings as settings } from "./settings-dialog.js";
import { showTalk as talk } from "./talk-dialog.js";

export const dialogs = { account, administration, audit, bans, deed, help, invite, password, personItems, room, settings, talk };
