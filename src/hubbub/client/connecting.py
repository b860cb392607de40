"""`connect`, the entry point of the library."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path

from hubbub.client.address import Address
from hubbub.client.chat import SAVE_SECONDS, Chat
from hubbub.client.errors import ChatClosed, ChatFailed
from hubbub.client.resume import Resume
from hubbub.client.sendqueue import MAX_UNSENT
from hubbub.client.statefile import in_use
from hubbub.client.trust import Trust
from hubbub.domain import fingerprints

HURRIED_SECONDS = 1.0  # for unsaved lines, when the program is cancelled

ORDINARY = (Exception, SystemExit)
"""Errors of the block itself. After a cancellation or Ctrl+C somebody waits for the end."""

log = logging.getLogger("hubbub.client")


@asynccontextmanager
async def connect(
    address: Address | str,
    *,
    user: str | None = None,
    password: str | None = None,
    code: str | None = None,
    resume: Resume | None = None,
    state: Path | str | None = None,
    persistent: bool = False,
    max_unsent: int = MAX_UNSENT,
    directs: bool = True,
    trust: Trust | None = None,
    fingerprint: str | None = None,
) -> AsyncIterator[Chat]:
    """A chat with the server at ``address``: ``async with connect("localhost:8080", user="Ada")``.

    Without a ``user`` (here or in the address), `Chat.hello` is to be called. ``password`` and
    ``code`` are needed for an account whose token is not in ``resume`` or ``state``. ``resume``
    continues an earlier run: its rooms are joined, its unsaved lines sent. ``state`` is a file in
    which that is kept up to date: the next run continues from it, even if this one is killed (see
    docs/client.md). ``persistent`` does not wait for the server: the chat may begin offline, and
    connections come as updates. ``directs``: direct conversations are entered by themselves when
    something is said in them.

    ``fingerprint``: of the server's key, as it is printed when the server starts; then the
    connection is encrypted, and no other key is accepted. ``trust`` says in more detail which are.

    However the block ends, unsaved lines get five seconds (one, if it is cancelled), a warning in
    the log names those that were not saved, and the name is freed.

    Raises `BadAddress`; `OSError` and `ValueError` for a ``state`` that cannot be used,
    `ValueError` for a ``fingerprint`` that is none; and unless ``persistent``: `Unreachable`, with
    its kinds `UnknownCertificate` and `CertificateChanged`, and for the user what `Chat.hello`
    raises.
    `ChatFailed` if the chat is ended by an error of our own.
    """
    if isinstance(address, str):
        address = Address.parse(address)
    if fingerprint is not None:
        known = None if trust is None else trust.known
        trust = Trust(known, fingerprints.parse(fingerprint))
    path = Path(state) if state is not None else None
    with ExitStack() as kept:
        if path is not None:
            if resume is not None:
                raise ValueError("Give either a resume or the file of a state.")
            resume = kept.enter_context(in_use(path))
        chat = Chat(
            address,
            resume=resume,
            state=path,
            persistent=persistent,
            max_unsent=max_unsent,
            directs=directs,
            trust=trust,
        )
        who = user or address.user or (resume.user if resume else None)
        async with _started(chat, who, password, code):
            yield chat


@asynccontextmanager
async def _started(
    chat: Chat, user: str | None, password: str | None, code: str | None
) -> AsyncIterator[None]:
    """Starts ``chat``; ends it with the block."""
    try:
        await chat.start(user, password, code)
    except BaseException:
        with suppress(ChatFailed):  # the present error is that one, or says more
            await chat.close(patience=0)
        raise
    try:
        yield
    except BaseException as error:
        with suppress(ChatFailed):
            try:
                await _end(chat, SAVE_SECONDS if isinstance(error, ORDINARY) else HURRIED_SECONDS)
            finally:
                chat.keep_state(done=False)
        raise
    try:
        await _end(chat, SAVE_SECONDS)
    finally:
        chat.keep_state(done=True)


async def _end(chat: Chat, patience: float) -> None:
    """Closes the chat, unless the program has; unsaved lines get ``patience`` seconds."""
    if chat.closed:
        await chat.close()
        return
    try:
        if chat.unsent:
            chat.reconnect_now()  # if it is lost just now
            await _wait_for_lines(chat, patience)
    finally:
        await _close_and_tell(chat)


async def _wait_for_lines(chat: Chat, seconds: float) -> None:
    async def saved() -> None:
        with suppress(ChatClosed):
            await chat.drain()

    # Not `asyncio.timeout`: in a cancelled task it raises CancelledError before Python 3.11.5.
    waiting = asyncio.ensure_future(saved())
    try:
        await asyncio.wait((waiting,), timeout=seconds)
    finally:
        waiting.cancel()


async def _close_and_tell(chat: Chat) -> None:
    try:
        await chat.close(patience=0)
    finally:
        if unsent := chat.unsent:
            log.warning(
                "%s not saved when the chat was closed, beginning with the one in %s: %.60r",
                "One line was" if len(unsent) == 1 else f"{len(unsent):,} lines were",
                unsent[0].room,
                unsent[0].text,
            )
