/** The dialogs of the page: what more.js fetches. What they import is in the page a second time, and keeps no state. */
import { deed } from "../text/deeds.js";
import { showAccount as account } from "./account-dialog.js";
import { administration } from "./administration.js";
import { AsidePanel } from "./aside-panel.js";
import { askLeave as leaving, askPassword as password } from "./door-dialog.js";
import { showHelp as help } from "./help.js";
import { showInvite as invite } from "./invite-dialog.js";
import { lightbox } from "./lightbox.js";
import { showFilters as filters, showInvited as invited } from "./list-dialogs.js";
import { askRedact as redact, showReactions as reactions, showVersions as versions } from "./message-dialogs.js";
import { showPerson as person } from "./person-dialog.js";
import { personItems } from "./person-items.js";
import { showProfile as profile } from "./profile-dialog.js";
import { showQueue as queue } from "./queue-dialog.js";
import { showAudit as audit, showBans as bans } from "./record-dialogs.js";
import { showReset as reset } from "./reset-dialog.js";
import { showRoomSettings as room } from "./room-settings.js";
import { SearchForm } from "./search-form.js";
import { showSettings as settings } from "./settings-dialog.js";
import { showTalk as talk } from "./talk-dialog.js";
import { showLinks as links, showMadeLink as madeLink } from "./ticket-dialog.js";
import { showKnock as knock, showReport as report } from "./telling-dialogs.js";

export const dialogs = {
  account, administration, AsidePanel, audit, bans, deed, filters, help, invite, invited, knock, leaving, lightbox, links, madeLink, password, person, personItems,
  profile, queue, reactions, redact, report, reset, room, SearchForm, settings, talk, versions,
};
