"""Introduces us on each new connection, and lets the program choose another name, or log in."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from hubbub.client.connection import AGENT, Connection
from hubbub.client.errors import ConnectionLost, error_of
from hubbub.client.pending import Pending
from hubbub.client.protocol import Protocol
from hubbub.domain.commands import Command, Register
from hubbub.domain.errors import (
    ChatError,
    Forbidden,
    GuestsOff,
    InvalidName,
    NameTaken,
    NeedCode,
    NeedPassword,
    WrongPassword,
)
from hubbub.domain.names import UserName
from hubbub.domain.replies import Goodbye, Refused, Reply, Welcome

HELLO_SECONDS = 30.0  # for the answer to a hello; a server with a slow disk takes some seconds


class NotWelcome(Exception):
    """The server refused the name that we had before."""

    def __init__(self, name: UserName, error: ChatError) -> None:
        super().__init__(error.message)
        self.name = name
        self.error = error


LOGGED_OUT_REASON = "logged-out"  # of the `Goodbye` to a device that was logged out elsewhere

LOGGED_OUT = (Forbidden, GuestsOff, NeedCode, NeedPassword, WrongPassword)
"""Refusals that the same hello would meet again and again."""


class LetOut(Exception):
    """The server has ended our login, or does not accept it any more; ``error`` says why."""

    def __init__(self, error: ChatError) -> None:
        super().__init__(error.message)
        self.error = error


class Proof(NamedTuple):
    """What an account is logged in to with, beside the token of its device; told once."""

    password: str | None = None
    code: str | None = None
    register: bool = False
    """It is to be the password of a new account."""


NOTHING = Proof()


class Asked(NamedTuple):
    """The name that the program asks for."""

    name: UserName
    proof: Proof
    known: Pending[str]


class Greeting:
    """The name that we use, and the one that the program is asking for (``asked``).

    A password is kept until the server has answered it, and no longer: later connections have the
    token that it gave us.
    """

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self._name: UserName | None = None
        self._proof = NOTHING
        self._asked: Asked | None = None
        self._is_asked = asyncio.Event()

    @property
    def asked(self) -> bool:
        """Whether the program waits for the answer to a name."""
        return self._asked is not None

    @property
    def has_name(self) -> bool:
        """Whether there is a name to say hello with."""
        return self._asked is not None or self._name is not None

    def ask(self, name: UserName, proof: Proof = NOTHING) -> Pending[str]:
        """Asks for ``name``; the result is the name as the server writes it."""
        self._answer_ask(InvalidName("Another name was given meanwhile."))
        known: Pending[str] = Pending()
        self._asked = Asked(name, proof, known)
        self._is_asked.set()
        return known

    def assume(self, name: UserName, proof: Proof = NOTHING) -> None:
        """Uses ``name`` on every connection, without a result."""
        self._name, self._proof = name, proof

    def forget(self) -> None:
        """We are logged out: there is no name to say hello with until the program gives one."""
        self._name, self._proof = None, NOTHING

    def give_up(self, error: Exception) -> None:
        """Rejects the name that was asked for."""
        self._answer_ask(error)

    async def next_ask(self) -> None:
        """Returns when the program asks for a name."""
        await self._is_asked.wait()

    async def exchange(self, connection: Connection) -> Welcome:
        """Says hello until the server accepts a name.

        Raises `ConnectionLost`, and `NotWelcome` or `LetOut` if our present name is refused while
        the program asks for no other.
        """
        while True:
            await self._until_named(connection)
            asked = self._asked
            name, proof = (asked.name, asked.proof) if asked else (self._name, self._proof)
            assert name is not None
            await connection.send(self._hello(name, proof))
            reply = await _answer(connection)
            password = self._protocol.account.registering
            if password is not None and not asked and _needs_password(reply):
                # We have an account, and the answer that told so was lost.
                await connection.send(self._protocol.hello(name, AGENT, password))
                reply = await _answer(connection)
            if isinstance(reply, Welcome):
                self.assume(UserName.recall(reply.user))  # by another server's rules
                if asked is self._asked:
                    self._answer_ask(reply.user)
                return reply
            error = error_of(reply)
            if asked:
                if asked is self._asked:
                    self._answer_ask(error)
            elif isinstance(error, (NameTaken, InvalidName)):
                raise NotWelcome(name, error)
            elif isinstance(error, LOGGED_OUT):
                raise LetOut(error)
            else:
                raise ConnectionLost(error.message, error.code)

    def _hello(self, name: UserName, proof: Proof) -> Command:
        if proof.register and proof.password is not None:
            return Register(user=name, password=proof.password)
        return self._protocol.hello(name, AGENT, proof.password, proof.code)

    async def _until_named(self, connection: Connection) -> None:
        if self._asked or self._name:
            return
        asked = asyncio.ensure_future(self.next_ask())
        lost = asyncio.ensure_future(connection.lost())
        try:
            done, _ = await asyncio.wait((asked, lost), return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                one.result()
        finally:
            asked.cancel()
            lost.cancel()
        if not self._asked:
            raise ConnectionLost("The server closed the connection.")

    def _answer_ask(self, outcome: str | Exception) -> None:
        if self._asked is None:
            return
        known = self._asked.known
        self._asked = None
        self._is_asked.clear()
        if isinstance(outcome, Exception):
            known.reject(outcome)
        else:
            known.resolve(outcome)


async def _answer(connection: Connection) -> Welcome | Refused:
    try:
        async with asyncio.timeout(HELLO_SECONDS):
            while True:
                reply = await connection.receive()
                raise_goodbye(reply)
                if isinstance(reply, (Welcome, Refused)):
                    return reply
    except TimeoutError:
        raise ConnectionLost("The server did not answer.") from None


def _needs_password(reply: Reply) -> bool:
    return isinstance(reply, Refused) and reply.code == NeedPassword.code


def raise_goodbye(reply: Reply) -> None:
    """Raises `ConnectionLost` if ``reply`` is the last one; `LetOut` if we are not to come back."""
    if isinstance(reply, Goodbye):
        if reply.reason in (LOGGED_OUT_REASON, Forbidden.code):
            kind = Forbidden if reply.reason == Forbidden.code else NeedPassword
            raise LetOut(kind(reply.message))
        raise ConnectionLost(reply.message, reply.reason)
