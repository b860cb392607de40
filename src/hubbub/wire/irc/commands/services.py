"""NickServ and ChanServ, for clients that know nothing else: what is written to them, answered.

Each is a table of words (`Word`). What they do, the hub does for everybody; here are its words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from hubbub.domain.commands import Command
from hubbub.domain.errors import ChatError
from hubbub.domain.replies import Refused
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.commands.logins import words_of
from hubbub.wire.irc.commands.speaking import text_of, unkept
from hubbub.wire.irc.conversation import Conversation, Rejected, Row
from hubbub.wire.irc.cutting import cut
from hubbub.wire.irc.message import MAX_BYTES, Message
from hubbub.wire.irc.servicenames import is_service
from hubbub.wire.irc.wire import IrcWire

_FRAME = len(":!services@ NOTICE  :\r\n")

Answer = Callable[["Service", IrcWire, str], Conversation | None]
"""Does what somebody has asked for; the text is what stands behind the word."""


class Word(Struct, frozen=True):
    """``usage``: what stands behind the word; ``help``: what it does. None: it is not listed."""

    answer: Answer
    usage: str = ""
    help: str = ""


class Service(Struct, frozen=True):
    """``about``: what it is for."""

    name: str
    about: str
    words: Mapping[str, Word]

    def tell(self, wire: IrcWire, text: str) -> None:
        """Says something to the client."""
        source = f"{self.name}!services@{wire.host.name}"
        room = MAX_BYTES - _FRAME - len(source) - len(wire.nick.encode())
        for piece in cut(text, room):
            wire.send("NOTICE", wire.nick, piece, source=source)

    def asked(self, wire: IrcWire, text: str) -> Conversation:
        """Does what ``text`` asks for."""
        word, _, rest = text.strip().partition(" ")
        found = self.words.get(word.upper())
        if word.upper() == "HELP":
            self._help(wire, rest)
            return
        if found is None:
            self.tell(wire, f"I do not know that word. To see those I know: /msg {self.name} HELP")
            return
        try:
            doing = found.answer(self, wire, rest.strip())
            if doing is not None:
                yield from doing
        except Rejected as error:
            self.tell(wire, words_of(error.refused))
        except ChatError as error:
            self.tell(wire, error.message)

    def usage(self, wire: IrcWire, word: str) -> None:
        """Says how a word is used."""
        row = self.words[word]
        self.tell(wire, f"/msg {self.name} {word} {row.usage}".rstrip() + f": {row.help}")

    def _help(self, wire: IrcWire, about: str) -> None:
        wanted = about.strip().upper()
        if wanted in self.words and self.words[wanted].help:
            self.usage(wire, wanted)
            return
        self.tell(wire, self.about)
        for word, row in self.words.items():
            if row.help:
                self.usage(wire, word)


def says(words: str) -> Answer:
    """Answers with words alone."""

    def answer(service: Service, wire: IrcWire, rest: str) -> None:
        service.tell(wire, words)

    return answer


def ask_as(wire: IrcWire, command: str, *params: str) -> Conversation:
    """Does what the client could have asked for by a command of IRC."""
    message = Message(command, params)
    row = wire.row(command)
    assert row is not None, command
    if len([one for one in params if one]) < row.least:
        wire.refuse(Refused(code="bad-message", message="Something is missing in that."), message)
        return
    try:
        begun = row.handler(wire, message)
        if isinstance(begun, Command):
            yield begun
        elif begun is not None:
            yield from begun
    except Rejected as error:
        wire.refuse(error.refused, message)
    except ChatError as error:
        wire.refuse(Refused.of(error), message)


def serving(services: Mapping[str, Service], rows: Mapping[str, Row]) -> dict[str, Row]:
    """``rows``, by which something is said, with these who answer. Nothing answers a notice."""

    def handle(row: Row, wire: IrcWire, message: Message) -> Conversation | Command | None:
        if not is_service(message[0]):
            return row.handler(wire, message)
        service = services.get(message[0].lower())
        _echo(wire, message)
        if message.command != "PRIVMSG" or service is None:
            return None
        return service.asked(wire, message[1])

    return {
        name: replace(row, handler=partial(handle, row)) if name in _SAYING else row
        for name, row in rows.items()
    }


def _echo(wire: IrcWire, message: Message) -> None:
    """Shows a client what it has said to who serves, if it is shown all else that it says."""
    if Cap.ECHO_MESSAGE not in wire.caps or message.command == "TAGMSG" or not message[1]:
        return
    text = text_of(wire, message.command, message[1], {})
    for line in unkept(wire, message[0], text) if text.query is None else ():
        wire.say(line)


_SAYING = ("PRIVMSG", "NOTICE", "TAGMSG")


def command_of(service: Service) -> Row:
    """A command by which it is asked, as NS."""

    def handle(wire: IrcWire, message: Message) -> Conversation:
        return service.asked(wire, " ".join(message.params))

    return Row(handle)
