"""The files of a chat: uploaded to be said, fetched, and linked to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import msgspec
from msgspec import Struct

from hubbub.client.address import ENDPOINT, Address
from hubbub.client.errors import Unreachable, error_of
from hubbub.client.resume import Resume
from hubbub.client.trust import Trust
from hubbub.domain.errors import NeedName
from hubbub.domain.filenames import file_path
from hubbub.domain.files import File
from hubbub.domain.replies import Refused
from hubbub.domain.told import Words

PATIENCE_SECONDS = 60.0  # in which not one byte of an upload moves: a person sees that it goes on

Told = Callable[[int, int], None]
"""Is told how many bytes of how many are sent."""


class _Pass(Struct, frozen=True):
    word: Words


class _Problem(Struct, frozen=True):
    code: Words
    message: Words


class _Failed(Struct, frozen=True):
    error: _Problem


class Attachments:
    """What a chat does with files, over HTTP. ``known`` tells who we are by now, ``address`` where
    the server is.

    All raise `NeedName` before `Chat.hello`, the server's refusal (`ChatError`), and `Unreachable`.
    """

    def __init__(
        self, address: Callable[[], Address], trust: Trust, known: Callable[[], Resume]
    ) -> None:
        self._address = address
        self._trust = trust
        self._known = known

    async def upload(
        self, path: Path, *, told: Told | None = None, patience: float = PATIENCE_SECONDS
    ) -> File:
        """Uploads the file at ``path``; its id can be said then (`Chat.send`).

        It goes on after a lost connection. Raises also `OSError` for a file that cannot be read.
        """
        # Imported here, as below: not all who chat send files.
        from hubbub.client.files import Uploader

        token, guest = self._who()
        uploader = Uploader(
            self._address(), token, guest=guest, trust=self._trust, patience=patience
        )
        return await uploader.upload(path, told=told)

    async def link(self, file: File) -> str:
        """A URL by which a browser, which does not know us, opens the file for some hours."""
        return await self.link_to(file_path(file))

    async def link_to(self, path: str) -> str:
        """The same by the ``path`` of the file on the server (`file_path`)."""
        body = await self._get("api/files/pass")
        try:
            word = msgspec.json.decode(body, type=_Pass).word
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise Unreachable("What the server answers is not understood.") from None
        return f"{self._address().site}{path[1:]}?pass={quote(word, safe='')}"

    async def thumbnail(self, file: File) -> bytes:
        """The small picture of a file that has one, in WebP."""
        return await self._get(f"api/files/{quote(file.id, safe='')}/thumbnail")

    async def _get(self, path: str) -> bytes:
        from hubbub.client.exchange import Exchange, Lost

        token, guest = self._who()
        address = self._address()
        base = address.endpoint.removesuffix(ENDPOINT.rpartition("/")[2])
        query = "" if guest is None else f"?user={quote(guest, safe='')}"
        fields = {"Authorization": f"Bearer {token}"}
        try:
            answer = await Exchange(address, self._trust).ask("GET", f"{base}{path}{query}", fields)
        except Lost as error:
            raise Unreachable(str(error)) from error
        if answer.status < 400:
            return answer.body
        try:
            problem = msgspec.json.decode(answer.body, type=_Failed).error
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise Unreachable(f"The server answers {answer.status}.") from None
        raise error_of(Refused(code=problem.code, message=problem.message))

    def _who(self) -> tuple[str, str | None]:
        """Our token, and the name of a guest, which it does not tell by itself."""
        known = self._known()
        if known.token is None or known.user is None:
            raise NeedName("Say first who you are.")
        return known.token, None if known.account else known.user
