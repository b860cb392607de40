"""Uploads files, in pieces that go on after a lost connection (tus 1.0.0)."""

from __future__ import annotations

import asyncio
import base64
import errno
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import quote

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from hubbub.client.address import ENDPOINT, Address
from hubbub.client.backoff import Backoff
from hubbub.client.errors import Unreachable, error_of
from hubbub.client.exchange import Answer, Exchange, Lost
from hubbub.client.trust import Trust
from hubbub.domain.errors import ChatError
from hubbub.domain.files import File
from hubbub.domain.replies import Refused
from hubbub.domain.told import Words

LOOK_SECONDS = (0.05, 1.0)  # between two looks whether the server has stored a file: first, most
BYTES = "application/offset+octet-stream"
TUS = {"Tus-Resumable": "1.0.0"}

GONE = -1
"""How much the server has of an upload that it does not know of."""

Told = Callable[[int, int], None]
"""Is told how many bytes of how many are on the server's disk, or on their way."""


class _Problem(Struct, frozen=True):
    code: Words
    message: Words


class _State(Struct, frozen=True):
    id: Words
    state: Literal["receiving", "examining", "ready", "failed"]
    offset: int = 0
    file: File | None = None
    error: _Problem | None = None


class _Failed(Struct, frozen=True):
    error: _Problem


class Uploader:
    """Uploads files to the server at ``address`` for whose ``token`` it is.

    ``guest``: the name of somebody without an account. ``patience``: for so many seconds it goes on
    trying while nothing moves.
    """

    def __init__(
        self,
        address: Address,
        token: str,
        *,
        guest: str | None = None,
        trust: Trust | None = None,
        patience: float = 30.0,
    ) -> None:
        self._exchange = Exchange(address, trust or Trust())
        self._base = address.endpoint.removesuffix(ENDPOINT.rpartition("/")[2])
        self._token = token
        self._guest = guest
        self._patience = patience

    async def upload(
        self, path: Path, *, name: str | None = None, told: Told | None = None
    ) -> File:
        """The file at ``path`` as the server has it: its id can be said then (`Chat.send`).

        Raises `OSError` if it cannot be read, what the server refuses it with (`ChatError`), and
        `Unreachable` when the server does not answer for as long as the patience lasts.
        """
        size = await asyncio.to_thread(_size, path)
        last, until, backoff = -1, 0.0, Backoff()
        state: _State | None = None
        while True:
            try:
                if state is None:
                    state = await self._begin(name or path.name, size)
                state = await self._go_on(state, path, size, told)
                if state.file is not None:
                    return state.file
                assert state.error is not None
                raise error_of(Refused(code=state.error.code, message=state.error.message))
            except (Lost, _Passing) as error:
                now = time.monotonic()
                reached = None if state is None else await self._reached(state)
                if reached == GONE:  # another server than the one that has it, say
                    state = None
                elif state is not None and reached is not None:
                    state = replace(state, offset=reached)
                if (reached or 0) > last or not until:
                    last, until, backoff = reached or 0, now + self._patience, Backoff()
                if now >= until:
                    raise Unreachable(f"{error}") from error
                await asyncio.sleep(min(backoff.pause(), max(0.0, until - now)))

    async def _begin(self, name: str, size: int) -> _State:
        said = base64.b64encode(name.encode(errors="replace")).decode()
        headers = {"Upload-Length": str(size), "Upload-Metadata": f"filename {said}"}
        answer = await self._ask("POST", "api/uploads", headers)
        return _decode(answer.body, _State)

    async def _go_on(self, state: _State, path: Path, size: int, told: Told | None) -> _State:
        where = f"api/uploads/{state.id}"
        if state.offset < size:
            headers = {
                "Content-Type": BYTES,
                "Upload-Offset": str(state.offset),
                "Content-Length": str(size - state.offset),
            }
            with await asyncio.to_thread(path.open, "rb") as file:
                file.seek(state.offset)
                await self._ask("PATCH", where, headers, file.read, size - state.offset, told)
        pause, most = LOOK_SECONDS
        while True:
            state = _decode((await self._ask("GET", where)).body, _State)
            if state.state != "examining":
                break
            await asyncio.sleep(pause)
            pause = min(2 * pause, most)
        if state.state == "receiving":
            raise Lost("Not all of the file has come.")
        return state

    async def _reached(self, state: _State) -> int | None:
        """How much of the upload the server has; `GONE`, or None if it does not answer."""
        try:
            answer = await self._ask("GET", f"api/uploads/{state.id}")
            return _decode(answer.body, _State).offset
        except (Lost, _Passing):
            return None
        except ChatError:
            return GONE

    async def _ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        read: Callable[[int], bytes] | None = None,
        size: int = 0,
        told: Told | None = None,
    ) -> Answer:
        fields = {**TUS, "Authorization": f"Bearer {self._token}", **(headers or {})}
        query = "" if self._guest is None else f"?user={quote(self._guest, safe='')}"
        answer = await self._exchange.ask(
            method, f"{self._base}{path}{query}", fields, read, size, told
        )
        if answer.status < 400:
            return answer
        problem = _decode(answer.body, _Failed).error
        if answer.status in (409, 429, 502, 503, 504) and problem.code != "too-many":
            raise _Passing(problem.message)
        raise error_of(Refused(code=problem.code, message=problem.message))


class _Passing(Exception):
    """It may be tried again in a moment."""


def _size(path: Path) -> int:
    """The bytes of a file that can be read; raises `OSError` before a server hears of any other."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode) and not stat.S_ISDIR(found.st_mode):
        raise OSError(errno.EINVAL, "it is a pipe or a device; write it to a file first", str(path))
    with path.open("rb") as file:
        if not found.st_size and file.read(1):  # as below /proc
            raise OSError(errno.EINVAL, "it does not tell its size; copy it first", str(path))
    return found.st_size


B = TypeVar("B", bound=Struct)


def _decode(body: bytes, kind: type[B]) -> B:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise Lost("The server answers something else than is known of uploads here.") from None
