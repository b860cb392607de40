"""Introduces us on each new connection, and lets the program choose another name, or log in."""

from __future__ import annotations

import asyncio
from typing import NamedTuple, TypeVar

from hubbub.client.connection import Connection
from hubbub.client.errors import ConnectionLost, error_of
from hubbub.client.opening import AGENT
from hubbub.client.pending import Pending
from hubbub.client.protocol import Protocol
from hubbub.domain.commands import Command, Register, ResetPassword
from hubbub.domain.errors import (
    BadTicket,
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
from hubbub.domain.replies import Done, Goodbye, Refused, Reply, Welcome

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
    invite: str | None = None
    """The code of an invitation to make that account."""
    reset: str | None = None
    """The code of a link, by which it is to be the new password."""
    asked: bool = False
    """The server was asked for that, on a connection that is lost: it may be done."""

    def before_hello(self, name: UserName) -> list[Command]:
        """What is asked for before we are known, or in place of a hello."""
        if self.password is None:
            return []
        if self.reset is not None:
            return [ResetPassword(user=name, code=self.reset, password=self.password)]
        if self.register:
            return [Register(user=name, password=self.password, invite=self.invite)]
        return []


NOTHING = Proof()

WELCOMED: tuple[type[Welcome | Refused], ...] = (Welcome, Refused)
DONE: tuple[type[Welcome | Refused | Done], ...] = (Welcome, Refused, Done)

R = TypeVar("R", bound=Reply)


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
            reply = await self._say_hello(connection, name, proof, asked)
            password = self._protocol.account.registering
            if password is not None and not asked and _needs_password(reply):
                # We have an account, and the answer that told so was lost.
                await connection.send(self._protocol.hello(name, AGENT, password))
                reply = await _answer(connection, WELCOMED)
            if isinstance(reply, Welcome):
                self.assume(UserName.recall(reply.user))  # by another server's rules
                if self._still_asked(asked):
                    self._answer_ask(reply.user)
                return reply
            error = error_of(reply)
            if asked:
                if self._still_asked(asked):
                    self._answer_ask(error)
            elif isinstance(error, (NameTaken, InvalidName)):
                raise NotWelcome(name, error)
            elif isinstance(error, LOGGED_OUT):
                raise LetOut(error)
            else:
                raise ConnectionLost(error.message, error.code)

    async def _say_hello(
        self, connection: Connection, name: UserName, proof: Proof, asked: Asked | None
    ) -> Welcome | Refused:
        """Asks to be known as ``name``, after what is to be done before that."""
        refused: Refused | None = None
        for command in proof.before_hello(name):
            self._prove_by(asked, proof._replace(asked=True))
            await connection.send(command)
            reply = await _answer(connection, DONE)
            if isinstance(reply, Welcome):
                return reply
            if isinstance(reply, Refused):
                if not (proof.asked and reply.code == BadTicket.code):
                    return reply
                refused = reply  # unless it was done already, which the password will show
            self._prove_by(asked, Proof(proof.password, proof.code))
        await connection.send(self._protocol.hello(name, AGENT, proof.password, proof.code))
        answer = await _answer(connection, WELCOMED)
        wrong = isinstance(answer, Refused) and answer.code == WrongPassword.code
        return refused if refused is not None and wrong else answer

    def _still_asked(self, asked: Asked | None) -> bool:
        """Whether the program has asked for no other name since."""
        known = None if self._asked is None else self._asked.known
        return known is (None if asked is None else asked.known)

    def _prove_by(self, asked: Asked | None, proof: Proof) -> None:
        """The next connection proves that we have the name by ``proof``."""
        if asked is not None and self._still_asked(asked):
            self._asked = asked._replace(proof=proof)

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


async def _answer(connection: Connection, kinds: tuple[type[R], ...]) -> R:
    """The next reply of these ``kinds``."""
    try:
        async with asyncio.timeout(HELLO_SECONDS):
            while True:
                reply = await connection.receive()
                raise_goodbye(reply)
                if isinstance(reply, kinds):
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
        raise ConnectionLost(reply.message, reply.reason, reply.reconnect)
