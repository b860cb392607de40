"""What the server tells of itself at once (https://modern.ircdocs.horse/#feature-advertisement)."""

from __future__ import annotations

from hubbub.domain.commands import MAX_HISTORY, MAX_WATCHED
from hubbub.domain.names import MAX_ROOM_CHARS, MAX_USER_CHARS
from hubbub.domain.rules import MAX_BANS, MAX_EXEMPTIONS, MAX_NOTE_CHARS
from hubbub.domain.text import MAX_REASON_CHARS, MAX_TOPIC_CHARS
from hubbub.wire.irc.asked import MAX_KEY_CHARS
from hubbub.wire.irc.host import BOT
from hubbub.wire.irc.masks import ACCOUNT, MUTE
from hubbub.wire.irc.modes import CHANMODES, PREFIXES
from hubbub.wire.irc.registration import MAX_REALNAME_CHARS, MAX_USERNAME_CHARS
from hubbub.wire.irc.targets import MAX_TARGETS
from hubbub.wire.irc.wire import IrcWire

MODES_AT_ONCE = 20  # more are taken: a line has only so much room


def tokens(wire: IrcWire) -> list[str]:
    """The tokens of RPL_ISUPPORT."""
    return [
        f"ACCOUNTEXTBAN={ACCOUNT[0]}",
        f"AWAYLEN={MAX_NOTE_CHARS}",
        f"BOT={BOT}",
        "CASEMAPPING=ascii",
        f"CHANLIMIT=#:{wire.host.directory.rooms_each()}",
        f"CHANMODES={CHANMODES}",
        f"CHANNELLEN={MAX_ROOM_CHARS + 1}",
        "CHANTYPES=#",
        f"CHATHISTORY={MAX_HISTORY}",
        "ELIST=MNTU",  # and C, which servers understand in opposite ways
        "EXCEPTS=e",
        "INVEX=I",
        f"EXTBAN=,{ACCOUNT[0]}{MUTE[0]}",
        f"KEYLEN={MAX_KEY_CHARS}",
        f"KICKLEN={MAX_REASON_CHARS}",
        "LINELEN=512",
        f"MAXLIST=b:{MAX_BANS},eI:{MAX_EXEMPTIONS}",
        f"MODES={MODES_AT_ONCE}",
        f"MONITOR={MAX_WATCHED}",
        "MSGREFTYPES=msgid,timestamp",
        f"NAMELEN={MAX_REALNAME_CHARS}",
        f"NETWORK={wire.host.network}",
        f"NICKLEN={MAX_USER_CHARS}",
        f"PREFIX=({''.join(PREFIXES)}){''.join(PREFIXES.values())}",
        "SAFELIST",
        f"STATUSMSG={''.join(PREFIXES.values())}",
        f"TARGMAX=JOIN:,KICK:,LIST:,NAMES:{MAX_TARGETS},NOTICE:{MAX_TARGETS},PART:,"
        f"PRIVMSG:{MAX_TARGETS},TAGMSG:{MAX_TARGETS},WHOIS:{MAX_TARGETS},WHOWAS:{MAX_TARGETS}",
        f"TOPICLEN={MAX_TOPIC_CHARS}",
        f"USERLEN={MAX_USERNAME_CHARS}",
        "UTF8ONLY",
        "WHOX",
    ]
