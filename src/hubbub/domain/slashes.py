"""The commands that people type behind a slash: one table for all clients.

The line protocol, both terminal clients and the page take from it what their commands are called,
what comes behind them, what they do in words, and what they need. The page gets its part from the
server. A client has a handler for each row that says that it has the command; what a line means is
read by `hubbub.domain.orders`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, Flag, auto

from msgspec import Struct

from hubbub.domain.commands import MAX_HISTORY


class Client(Flag):
    """What people type commands in."""

    LINE = auto()
    """The line protocol: netcat and telnet."""
    PLAIN = auto()
    """The terminal client that writes one line after another."""
    FULL = auto()
    """The full-screen terminal client."""
    PAGE = auto()
    """The web page."""


class Needs(Enum):
    """What somebody must have to run a command: each includes what is above it."""

    NOTHING = auto()
    NAME = auto()
    ROOM = auto()


class Offers(Enum):
    """What completion offers behind a command, beside its choices."""

    NOTHING = "nothing"
    ROOMS = "rooms"
    PEOPLE = "people"
    FILES = "files"


class Part(Enum):
    """The part of the help in which a command stands: people look for one thing at a time."""

    CHAT = "chat"
    ACCOUNT = "account"
    ROOM = "room"
    """Who may do what in a room, and what is done about those who disturb."""


ALL = Client.LINE | Client.PLAIN | Client.FULL | Client.PAGE
PROGRAMS = Client.PLAIN | Client.FULL | Client.PAGE
SCREENS = Client.FULL | Client.PAGE
TERMINALS = Client.PLAIN | Client.FULL
COUNT = "[N]"
SAY = "say"


class Slash(Struct, frozen=True, kw_only=True):
    """One command."""

    name: str
    argument: str = ""
    """Its words in upper case: ``ROOM``; in brackets where it may be left out: ``[ROOM]``."""
    does: str
    """The help: "goes to a room"; ``{choices}`` stands for the choices of the client."""
    asks: str = ""
    """The question to somebody who typed no argument, or none that will do."""
    aliases: tuple[str, ...] = ()
    """Other chats' names for it, and names that it had. The name of another command, in the
    clients that have that one, comes first.
    """
    clients: Client = ALL
    needs: Needs = Needs.NOTHING
    offers: Offers = Offers.NOTHING
    choices: Mapping[Client, tuple[str, ...]] = {}
    """The only arguments that will do, in the clients that have such."""
    most: Mapping[Client, int] = {}
    """The highest count, for a client in which there is one."""
    fills: Mapping[str, str] = {}
    """Other chats' names for it that say the last word of its argument, too: ``/op ben`` is
    ``/role ben moderator``.
    """
    part: Part = Part.CHAT
    secret: bool = False
    """What comes behind it is a password or a code: clients neither show nor keep it."""
    bare: bool = False
    """It is typed without the slash, and with nothing else in the line."""

    @property
    def word(self) -> str:
        """Its name as it is typed: ``/leave``."""
        return self.name if self.bare else f"/{self.name}"

    @property
    def usage(self) -> str:
        """The same with its argument: ``/leave [ROOM]``."""
        return f"{self.word} {self.argument}".rstrip()

    def choices_in(self, client: Client) -> tuple[str, ...]:
        """The only arguments that will do in a client; () if others will, too."""
        return next((those for clients, those in self.choices.items() if client in clients), ())

    def help(self, client: Client) -> str:
        """What it does, with the choices of this client."""
        choices = self.choices_in(client)
        return self.does.format(
            choices=f"{', '.join(choices[:-1])} or {choices[-1]}" if choices else ""
        )


TABLE = (
    Slash(
        name="join",
        argument="ROOM [PASSWORD]",
        does="goes to a room, or makes a new one",
        asks="Which room?",
        aliases=("j", "channel", "enter", "goto"),
        needs=Needs.NAME,
        offers=Offers.ROOMS,
    ),
    Slash(
        name="leave",
        argument="[ROOM]",
        does="leaves this room, or another",
        aliases=("part", "close"),
        needs=Needs.ROOM,
        offers=Offers.ROOMS,
    ),
    Slash(
        name="delete",
        argument="[ROOM]",
        does="deletes this room, or another, if nothing was said in it",
        asks="Which room?",
        needs=Needs.NAME,
        offers=Offers.ROOMS,
    ),
    Slash(
        name="read",
        argument="[all]",
        does="marks this room as read, or all of your rooms",
        clients=PROGRAMS,
        needs=Needs.ROOM,
        choices={PROGRAMS: ("all",)},
    ),
    Slash(
        name="rooms",
        argument="[WORD]",
        does="lists the rooms, or those with WORD in their names",
        aliases=("list", "channels", "ls"),
        needs=Needs.NAME,
    ),
    Slash(
        name="who",
        does="lists who is in this room",
        aliases=("names", "members", "users", "nicks", "w"),
        needs=Needs.ROOM,
    ),
    Slash(
        name="topic",
        argument="[TEXT]",
        does="shows what this room is about, or sets it; /topic - clears it",
        aliases=("settopic",),
        needs=Needs.ROOM,
    ),
    Slash(
        name="nick",
        argument="NAME",
        does="takes another name",
        asks="Which name?",
        aliases=("name", "rename"),
        needs=Needs.NAME,
    ),
    Slash(
        name="me",
        argument="TEXT",
        does="says what you do, as in *ada waves*",
        asks="What do you do?",
        aliases=("action", "describe"),
        clients=PROGRAMS,
        needs=Needs.ROOM,
    ),
    Slash(
        name=SAY,
        argument="TEXT",
        does="says a text that begins with / or is the word exit",
        asks="What do you want to say?",
        needs=Needs.ROOM,
    ),
    Slash(
        name="reply",
        argument="NAME TEXT",
        does="answers the last thing that NAME said here",
        asks="Whom do you answer, and what do you say?",
        aliases=("answer", "re"),
        needs=Needs.ROOM,
        offers=Offers.PEOPLE,
    ),
    Slash(
        name="edit",
        argument="TEXT",
        does="changes what you said last here to TEXT",
        asks="What should your last message say?",
        aliases=("correct", "fix"),
        needs=Needs.ROOM,
    ),
    Slash(
        name="undo",
        argument="[NAME]",
        does="takes back your last message; moderators: that of NAME",
        aliases=("takeback", "unsay", "retract", "redact"),
        needs=Needs.ROOM,
        offers=Offers.PEOPLE,
    ),
    Slash(
        name="react",
        argument="[NAME] EMOJI",
        does="reacts to the last message, or NAME's, as in /react +1",
        asks="With which emoji, as in :thumbsup:?",
        aliases=("reaction",),
        needs=Needs.ROOM,
        offers=Offers.PEOPLE,
    ),
    Slash(
        name="unreact",
        argument="[NAME] EMOJI",
        does="takes your reaction back",
        asks="Which of your reactions, as in :thumbsup:?",
        needs=Needs.ROOM,
        offers=Offers.PEOPLE,
    ),
    Slash(
        name="pins",
        does="lists what is pinned in this room",
        aliases=("pinned",),
        needs=Needs.ROOM,
    ),
    Slash(
        name="send",
        argument="FILE",
        does="sends a file, or several; in quotes if its name has spaces in it",
        asks="Which file do you send?",
        aliases=("attach", "file", "upload"),
        clients=TERMINALS,
        needs=Needs.ROOM,
        offers=Offers.FILES,
    ),
    Slash(
        name="show",
        argument="[NAME]",
        does="shows the newest picture here, or the newest one of NAME",
        aliases=("picture", "view"),
        clients=TERMINALS,
        needs=Needs.ROOM,
        offers=Offers.PEOPLE,
    ),
    Slash(
        name="msg",
        argument="NAME [TEXT]",
        does="says TEXT to NAME or NAME,NAME alone; without it, shows the last",
        asks="Whom do you write to?",
        aliases=("query", "dm", "pm", "whisper", "tell", "message", "m"),
        needs=Needs.NAME,
        offers=Offers.PEOPLE,
    ),
    Slash(
        name="search",
        argument="WORDS",
        does="finds texts in all rooms, newest first",
        asks="What are you looking for?",
        aliases=("find", "grep", "lastlog"),
        needs=Needs.NAME,
    ),
    Slash(
        name="history",
        argument=COUNT,
        does="goes back N lines in this room",
        asks="How many?",
        aliases=("scrollback", "log"),
        needs=Needs.ROOM,
        most={Client.LINE: MAX_HISTORY},
    ),
    Slash(
        name="clear",
        does="clears the screen; /history brings it all back",
        aliases=("cls",),
        clients=SCREENS,
        needs=Needs.ROOM,
    ),
    Slash(
        name="discard",
        does="throws away your messages here that could not be sent",
        clients=SCREENS,
        needs=Needs.ROOM,
    ),
    Slash(
        name="ignore",
        argument="[NAME]",
        does="hides what NAME writes in all rooms; alone, lists whom you ignore",
        aliases=("block",),
        clients=SCREENS,
        needs=Needs.NAME,
        offers=Offers.PEOPLE,
    ),
    Slash(
        name="unignore",
        argument="NAME",
        does="shows again what NAME writes",
        asks="Whose messages do you want to see again?",
        aliases=("unblock",),
        clients=SCREENS,
        needs=Needs.NAME,
        offers=Offers.PEOPLE,
    ),
    Slash(
        name="block",
        argument="NAME",
        does="lets NAME not write to you alone any more",
        asks="Who should not write to you?",
        aliases=("ignore",),
        clients=Client.LINE | Client.PLAIN,
        needs=Needs.NAME,
        offers=Offers.PEOPLE,
    ),
    Slash(
        name="unblock",
        argument="NAME",
        does="lets NAME write to you alone again",
        asks="Who may write to you again?",
        aliases=("unignore",),
        clients=Client.LINE | Client.PLAIN,
        needs=Needs.NAME,
        offers=Offers.PEOPLE,
    ),
    Slash(
        name="whois",
        argument="NAME",
        does="tells what is known of NAME",
        asks="Of whom?",
        aliases=("profile",),
        needs=Needs.NAME,
        offers=Offers.PEOPLE,
    ),
    Slash(
        name="away",
        argument="[WHY]",
        does="shows you as away, until you say /back",
        aliases=("afk", "brb"),
        needs=Needs.NAME,
    ),
    Slash(
        name="busy",
        argument="[WHY]",
        does="shows that you are not to be disturbed, and alerts you of nothing",
        aliases=("dnd",),
        needs=Needs.NAME,
    ),
    Slash(
        name="back",
        does="ends /away and /busy",
        aliases=("here", "unaway"),
        needs=Needs.NAME,
    ),
    Slash(
        name="report",
        argument="NAME [WHY]",
        does="tells the moderators that the last message of NAME is bad",
        asks="Whose message is it, and what is bad about it?",
        aliases=("flag",),
        needs=Needs.ROOM,
        offers=Offers.PEOPLE,
    ),
    Slash(
        name="knock",
        argument="ROOM [WHY]",
        does="asks to be let into a private room",
        asks="At which room?",
        needs=Needs.NAME,
    ),
    Slash(
        name="alerts",
        argument="[HOW]",
        does="chooses what alerts you in this room: {choices}",
        aliases=("notify",),
        clients=SCREENS,
        needs=Needs.ROOM,
        choices={
            Client.FULL: ("all", "mentions", "off"),
            Client.PAGE: ("off", "mentions", "all"),
        },
    ),
    Slash(
        name="notify",
        argument="[HOW]",
        does="chooses how a mention alerts you: {choices}",
        clients=Client.FULL,
        choices={Client.FULL: ("auto", "bell", "osc9", "osc777", "off")},
    ),
    Slash(
        name="times",
        argument="[HOW]",
        does="chooses how times are shown: {choices}",
        clients=Client.FULL,
        choices={Client.FULL: ("auto", "short", "full")},
    ),
    Slash(
        name="theme",
        argument="[NAME]",
        does="changes the colours: {choices}",
        aliases=("color", "colors", "colour", "colours"),
        clients=SCREENS,
        choices={
            Client.FULL: ("dark", "light", "ansi", "mono"),
            Client.PAGE: ("system", "dark", "light"),
        },
    ),
    Slash(
        name="register",
        argument="[PASSWORD]",
        does="makes you an account: your name is yours, with a password",
        aliases=("signup",),
        needs=Needs.NAME,
        part=Part.ACCOUNT,
        secret=True,
    ),
    Slash(
        name="login",
        argument="[NAME]",
        does="comes in as NAME, who has an account",
        aliases=("signin", "identify", "auth"),
        clients=Client.LINE | Client.PLAIN | Client.FULL,
        part=Part.ACCOUNT,
    ),
    Slash(
        name="password",
        argument="[OLD NEW]",
        does="changes your password, and logs out your other devices",
        aliases=("passwd",),
        needs=Needs.NAME,
        part=Part.ACCOUNT,
        secret=True,
    ),
    Slash(
        name="devices",
        does="lists where you are logged in",
        aliases=("sessions",),
        needs=Needs.NAME,
        part=Part.ACCOUNT,
    ),
    Slash(
        name="logout",
        argument="[DEVICE]",
        does="logs out here; with a device of /devices, there; all: all others",
        aliases=("signout", "logoff"),
        part=Part.ACCOUNT,
    ),
    Slash(
        name="about",
        argument="[TEXT]",
        does="says a line about you, for who asks; /about - takes it away",
        aliases=("bio",),
        needs=Needs.NAME,
        part=Part.ACCOUNT,
    ),
    Slash(
        name="seen",
        argument="HOW",
        does="on or off: whether others are told when you were here last",
        asks="May others be told when you were here last: on or off?",
        aliases=("lastseen",),
        needs=Needs.NAME,
        part=Part.ACCOUNT,
    ),
    Slash(
        name="strangers",
        argument="HOW",
        does="on or off: whether guests may begin to write to you alone",
        asks="May guests begin to write to you alone: on or off?",
        needs=Needs.NAME,
        part=Part.ACCOUNT,
    ),
    Slash(
        name="factor",
        argument="[off]",
        does="asks for a code of your phone, too, whenever you log in",
        aliases=("totp", "mfa"),
        needs=Needs.NAME,
        part=Part.ACCOUNT,
    ),
    Slash(
        name="reset",
        argument="NAME CODE",
        does="chooses a new password, by the code of a link that you got",
        asks="For which account, and what is the code?",
        aliases=("recover",),
        clients=Client.LINE | Client.PLAIN | Client.FULL,
        part=Part.ACCOUNT,
        secret=True,
    ),
    Slash(
        name="close-account",
        argument="[empty]",
        does="ends your account; what you said stays, or is emptied",
        aliases=("delete-account", "unregister"),
        needs=Needs.NAME,
        part=Part.ACCOUNT,
    ),
    Slash(
        name="own",
        argument="CODE",
        does="makes you the owner of this server, by the code that it showed",
        asks="Which code did the server show when it started?",
        aliases=("claim",),
        needs=Needs.NAME,
        part=Part.ACCOUNT,
        secret=True,
    ),
    Slash(
        name="rules",
        does="shows what holds in this room, and what you are in it",
        aliases=("mode", "modes"),
        needs=Needs.ROOM,
        part=Part.ROOM,
    ),
    Slash(
        name="access",
        argument="HOW [PASSWORD]",
        does="open, unlisted, private or password: who may come in and read",
        asks="Who may come in: open, unlisted, private or password?",
        aliases=("privacy",),
        needs=Needs.ROOM,
        fills={"private": "private", "public": "open"},
        part=Part.ROOM,
        secret=True,
    ),
    Slash(
        name="speak",
        argument="WHO",
        does="all, members (with an account) or voices: who may speak",
        asks="Who may speak: all, members or voices?",
        aliases=("speakers",),
        needs=Needs.ROOM,
        part=Part.ROOM,
    ),
    Slash(
        name="slow",
        argument="TIME",
        does="one message from each in TIME, as in /slow 10s; off ends it",
        asks="How long must everybody wait between two messages?",
        aliases=("slowmode",),
        needs=Needs.ROOM,
        fills={"slowoff": "off"},
        part=Part.ROOM,
    ),
    Slash(
        name="guests",
        argument="HOW",
        does="on or off: whether guests may come in",
        asks="May guests come in: on or off?",
        needs=Needs.ROOM,
        part=Part.ROOM,
    ),
    Slash(
        name="past",
        argument="WHICH",
        does="all or since (they came): which messages newcomers may read",
        asks="Which messages may newcomers read: all, or those since they came?",
        aliases=("history-for",),
        needs=Needs.ROOM,
        part=Part.ROOM,
    ),
    Slash(
        name="newcomers",
        argument="HOW",
        does="free, careful or held: what holds for messages of newcomers",
        asks="May newcomers write freely, must they be careful, or are their messages held?",
        needs=Needs.ROOM,
        part=Part.ROOM,
    ),
    Slash(
        name="topics",
        argument="WHO",
        does="all or moderators: who may set the topic of this room",
        asks="Who may set the topic: all, or moderators?",
        needs=Needs.ROOM,
        part=Part.ROOM,
    ),
    Slash(
        name="outside",
        argument="HOW",
        does="on or off: whether who is not in the room may say something",
        asks="May people say something here who are not in the room: on, or off?",
        needs=Needs.ROOM,
        part=Part.ROOM,
    ),
    Slash(
        name="most",
        argument="NUMBER",
        does="so many people may be in this room; off: any number",
        asks="How many people may be in this room, or off for any number?",
        needs=Needs.ROOM,
        part=Part.ROOM,
    ),
    Slash(
        name="keep",
        argument="TIME",
        does="90d or forever: how long messages stay here",
        asks="How long do messages stay here: 90d, 52w, or forever?",
        aliases=("retention",),
        needs=Needs.ROOM,
        part=Part.ROOM,
    ),
    Slash(
        name="archive",
        argument="[off]",
        does="closes this room: no more is said in it; off opens it again",
        needs=Needs.ROOM,
        fills={"unarchive": "off"},
        part=Part.ROOM,
    ),
    Slash(
        name="rename-room",
        argument="NAME",
        does="gives this room another name",
        asks="What should the room be called?",
        aliases=("renameroom",),
        needs=Needs.ROOM,
        part=Part.ROOM,
    ),
    Slash(
        name="pin",
        argument="[NAME]",
        does="pins the last message here, or that of NAME, for all to find",
        needs=Needs.ROOM,
        offers=Offers.PEOPLE,
        part=Part.ROOM,
    ),
    Slash(
        name="unpin",
        argument="[NAME]",
        does="ends the newest pin, or that of the last message of NAME",
        needs=Needs.ROOM,
        offers=Offers.PEOPLE,
        part=Part.ROOM,
    ),
    Slash(
        name="invite",
        argument="NAME",
        does="lets NAME come in, and says so",
        asks="Whom do you invite?",
        aliases=("add",),
        needs=Needs.ROOM,
        offers=Offers.PEOPLE,
        part=Part.ROOM,
    ),
    Slash(
        name="uninvite",
        argument="NAME",
        does="takes back an invitation",
        asks="Whose invitation do you take back?",
        aliases=("disinvite",),
        needs=Needs.ROOM,
        part=Part.ROOM,
    ),
    Slash(
        name="link",
        argument="[N] [TIME]",
        does="makes a link by which one comes in, or N people do, for a TIME",
        aliases=("invite-link", "invitelink"),
        needs=Needs.ROOM,
        part=Part.ROOM,
    ),
    Slash(
        name="links",
        does="lists the links into this room",
        needs=Needs.ROOM,
        part=Part.ROOM,
    ),
    Slash(
        name="unlink",
        argument="LINK",
        does="ends a link of /links",
        asks="Which link of /links?",
        needs=Needs.ROOM,
        part=Part.ROOM,
    ),
    Slash(
        name="role",
        argument="NAME ROLE",
        does="owner, moderator, voice or member: what NAME is here",
        asks="Whose role, and is it owner, moderator, voice or member?",
        aliases=("promote",),
        needs=Needs.ROOM,
        offers=Offers.PEOPLE,
        fills={
            "op": "moderator",
            "mod": "moderator",
            "voice": "voice",
            "deop": "member",
            "unmod": "member",
            "devoice": "member",
            "demote": "member",
        },
        part=Part.ROOM,
    ),
    Slash(
        name="kick",
        argument="NAME [WHY]",
        does="puts NAME out of this room",
        asks="Whom do you put out?",
        aliases=("remove",),
        needs=Needs.ROOM,
        offers=Offers.PEOPLE,
        part=Part.ROOM,
    ),
    Slash(
        name="ban",
        argument="NAME [TIME] [WHY]",
        does="keeps NAME out, for 10m, 2h, 3d or for good; guests as in spam*",
        asks="Whom do you ban?",
        needs=Needs.ROOM,
        offers=Offers.PEOPLE,
        part=Part.ROOM,
    ),
    Slash(
        name="ban-network",
        argument="NAME",
        does="the same, and all guests who come from where NAME does",
        asks="Whose network do you ban?",
        aliases=("ban-ip", "banip", "ipban"),
        needs=Needs.ROOM,
        offers=Offers.PEOPLE,
        part=Part.ROOM,
    ),
    Slash(
        name="unban",
        argument="NAME",
        does="ends the ban on NAME",
        asks="Whose ban do you end?",
        aliases=("pardon",),
        needs=Needs.ROOM,
        part=Part.ROOM,
    ),
    Slash(
        name="exempt",
        argument="NAME [WHAT]",
        does="bans do not hold for NAME; invitations: they need none",
        asks="Whom do you exempt?",
        needs=Needs.ROOM,
        offers=Offers.PEOPLE,
        part=Part.ROOM,
    ),
    Slash(
        name="unexempt",
        argument="NAME [WHAT]",
        does="bans hold for NAME again; invitations: they need one",
        asks="Whom do you exempt no more?",
        needs=Needs.ROOM,
        part=Part.ROOM,
    ),
    Slash(
        name="mute",
        argument="NAME [TIME] [WHY]",
        does="lets NAME say nothing here, for a time or until /unmute",
        asks="Who should be silent?",
        aliases=("timeout", "quiet", "silence", "gag"),
        needs=Needs.ROOM,
        offers=Offers.PEOPLE,
        part=Part.ROOM,
    ),
    Slash(
        name="unmute",
        argument="NAME",
        does="lets NAME speak again",
        asks="Who may speak again?",
        aliases=("untimeout", "unquiet", "ungag"),
        needs=Needs.ROOM,
        offers=Offers.PEOPLE,
        part=Part.ROOM,
    ),
    Slash(
        name="bans",
        does="lists who is banned from this room, or muted in it",
        aliases=("banlist", "mutes"),
        needs=Needs.ROOM,
        part=Part.ROOM,
    ),
    Slash(
        name="filter",
        argument="[WORD]",
        does="lets nobody say WORD (as in spam*, or /a|b/); alone, lists them",
        aliases=("badword",),
        needs=Needs.ROOM,
        part=Part.ROOM,
    ),
    Slash(
        name="unfilter",
        argument="WORD",
        does="lets WORD be said again",
        asks="Which word may be said again?",
        needs=Needs.ROOM,
        part=Part.ROOM,
    ),
    Slash(
        name="queue",
        does="lists reports, messages that wait, and who wants to come in",
        aliases=("reports", "knocks", "pending"),
        needs=Needs.ROOM,
        part=Part.ROOM,
    ),
    Slash(
        name="approve",
        argument="N",
        does="lets number N of /queue through",
        asks="Which number of /queue?",
        aliases=("accept",),
        needs=Needs.ROOM,
        part=Part.ROOM,
    ),
    Slash(
        name="refuse",
        argument="N",
        does="turns number N of /queue down",
        asks="Which number of /queue?",
        aliases=("deny", "dismiss"),
        needs=Needs.ROOM,
        part=Part.ROOM,
    ),
    Slash(
        name="audit",
        argument=COUNT,
        does="shows the last N things that were done by who moderates",
        asks="How many?",
        aliases=("auditlog", "modlog"),
        needs=Needs.ROOM,
        most={Client.LINE: MAX_HISTORY, Client.FULL: MAX_HISTORY},
        part=Part.ROOM,
    ),
    Slash(
        name="reset-link",
        argument="NAME",
        does="makes a link by which NAME chooses a new password",
        asks="Who has forgotten the password?",
        needs=Needs.NAME,
        part=Part.ROOM,
    ),
    Slash(
        name="server",
        argument="COMMAND",
        does="the same on the whole server, as in /server ban NAME",
        asks="What, on the whole server: ban, unban, bans, kick, role, audit, filter, unfilter, "
        "keep, link, links, unlink or reset-link?",
        needs=Needs.NAME,
        part=Part.ROOM,
    ),
    Slash(
        name="help",
        argument="[PART]",
        does="shows this help, or of one command: /help undo",
        aliases=("commands", "keys", "?"),
    ),
    Slash(
        name="quit",
        does="ends; where your rooms are kept, you are back in them next time",
        aliases=("exit", "bye", "disconnect", "signoff", "q"),
    ),
    Slash(
        name="exit",
        does="leaves your rooms, and ends",
        clients=Client.LINE | Client.PLAIN | Client.FULL,
        bare=True,
    ),
)
"""In the order of every help."""


class Missing(Struct, frozen=True):
    """Words that are no command in some clients, and what to do there instead."""

    words: tuple[str, ...]
    instead: str
    clients: Client = ALL


MISSING = (
    Missing(("me",), "Write it between asterisks, with your name, as in: *ada waves*"),
    Missing(("clear",), "Your terminal does that: in most of them, press Ctrl+L."),
    Missing(("send",), "Files are sent from the page, or with client.py: /send FILE", Client.LINE),
    Missing(
        ("send",),
        "Choose files at the paper clip, drop them on the room, or paste them.",
        Client.PAGE,
    ),
    Missing(("show",), "The address behind its name opens it in a browser.", Client.LINE),
    Missing(("show",), "Click a picture, or press Enter on it.", Client.PAGE),
    Missing(
        ("thread", "threads", "conversation", "versions"),
        "Mark a message with Alt+R: then the right arrow shows the conversation around it, and "
        "Ctrl+V what it said before.",
        Client.FULL,
    ),
    Missing(
        ("thread", "threads", "conversation", "versions"),
        "The menu of a message has the conversation around it; what it said before is behind "
        "(edited).",
        Client.PAGE,
    ),
    Missing(
        ("thread", "threads", "conversation", "versions"),
        "The conversation around a message, and what it said before, are shown by the page and by "
        "client.py in full screen.",
    ),
    Missing(
        ("times",),
        "This page always shows short times. Hold the pointer over one to see its date and its "
        "seconds.",
        Client.PAGE,
    ),
    Missing(
        ("login",),
        "To come in under another name: /logout, and then give that name.",
        Client.PAGE,
    ),
    Missing(
        ("reset",),
        "Open the link that you were given in this browser: it asks for the new password.",
        Client.PAGE,
    ),
)
"""The first row that fits counts. The name of a command stands for its aliases, too."""
