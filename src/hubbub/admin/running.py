"""Has tasks done: by their names, with arguments in JSON, for whom they are meant."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
from msgspec import Struct
from msgspec.json import Decoder, Encoder

from hubbub.admin.discretion import discreet, without_paths
from hubbub.admin.questions import Progress
from hubbub.admin.table import TASKS
from hubbub.admin.tasks import AtHand, Call, CannotBeDone, Desk, Task, WithToken
from hubbub.domain.errors import BadMessage, NoSuchTask, RateLimited
from hubbub.domain.rules import Role
from hubbub.hub.session import User
from hubbub.moving.errors import MovingError
from hubbub.storage.errors import StorageError
from hubbub.wire.json import parse_name

BUSY_SECONDS = 5.0  # after which it is worth while to try again

_encoder = Encoder(enc_hook=str)  # names are strings with a key
_decoders = {task.name: Decoder(task.arguments, dec_hook=parse_name) for task in TASKS}


def _silently(progress: Progress) -> None:
    """Nobody looks at how far it is."""


class Administration:
    """The tasks of one server."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._tasks = {task.name: task for task in TASKS}
        self._alone: dict[str, asyncio.Lock] = {}

    def find(self, name: str, role: Role) -> Task:
        """The task of that name for who has ``role`` on the server.

        Raises `NoSuchTask`: who may not have it done learns no more than that.
        """
        task = self._tasks.get(name)
        if task is None or role.rank < task.least.rank:
            raise NoSuchTask("There is no such task for you.")
        return task

    async def at_hand(
        self, name: str, arguments: bytes, tell: Callable[[Progress], None] = _silently
    ) -> Struct:
        """What comes of a task for who keeps the server. Raises a `ChatError`."""
        call = Call(self.desk, AtHand(self.desk.hub), tell)
        return await self._run(self.find(name, Role.OWNER), arguments, call)

    def check(self, name: str, user: User) -> None:
        """Raises `NoSuchTask` if ``user`` may not have that done, or there is no such task."""
        self.find(name, self.desk.hub.server_role(user))

    async def with_token(
        self, name: str, arguments: bytes, user: User, token: str, client: str
    ) -> bytes:
        """What comes of a task for the account ``user``, as JSON. Raises a `ChatError`."""
        task = self.find(name, self.desk.hub.server_role(user))
        call = Call(self.desk, WithToken(self.desk.hub, user, token, client), _silently)
        say = discreet(self.desk)
        try:
            done = await self._run(task, arguments, call)
        except CannotBeDone as error:
            raise CannotBeDone(say(str(error))) from error
        if not task.of_disk:
            return encode(done)
        return msgspec.json.encode(without_paths(msgspec.to_builtins(done, enc_hook=str), say))

    async def _run(self, task: Task, arguments: bytes, call: Call) -> Struct:
        try:
            return await self._in_turn(task, decode(task, arguments), call)
        except (StorageError, MovingError) as error:
            raise CannotBeDone(str(error)) from error

    async def _in_turn(self, task: Task, taken: Struct, call: Call) -> Struct:
        if not task.alone:
            return await task.run(call, taken)
        lock = self._alone.setdefault(task.name, asyncio.Lock())
        if lock.locked():
            raise RateLimited(
                f'"{task.name}" is under way already. Please try again when that is done.',
                retry_after=BUSY_SECONDS,
            )
        async with lock:
            return await task.run(call, taken)


def decode(task: Task, arguments: bytes) -> Struct:
    """The arguments of ``task``; raises `BadMessage`, or `InvalidName`."""
    try:
        return _decoders[task.name].decode(arguments or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadMessage(f'This is not what "{task.name}" takes: {error}.') from None


def encode(result: Struct) -> bytes:
    """A result as JSON."""
    return _encoder.encode(result)
