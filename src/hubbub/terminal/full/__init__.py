"""The full-screen terminal client. `main` runs it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from hubbub.client.address import Address
from hubbub.terminal.running import FAILED, complain, run, sentence

if TYPE_CHECKING:
    from hubbub.client.resume import Resume
    from hubbub.client.trust import Trust
    from hubbub.terminal.full.app import FullScreen
    from hubbub.terminal.full.ports import CachePort, ChatPort


def main(
    address: Address,
    user: str | None,
    room: str | None,
    *,
    draw: Callable[[str], Sequence[str]],
    trust: Trust | None = None,
) -> int:
    """Chats with the server at ``address`` on the whole terminal; returns the exit code.

    ``user`` and ``room`` are asked for when they are None. ``draw`` gives the rows of a QR code.
    ``trust``: which servers are known.
    """
    from hubbub.terminal.full.app import FullScreen
    from hubbub.terminal.full.preferences import default_path

    def open_cache() -> CachePort:
        from hubbub.client.cache import Cache

        return Cache.open(address)

    def open_chat(resume: Resume) -> ChatPort:
        from hubbub.client.chat import Chat

        return Chat(address, resume=resume, persistent=True, directs=True, trust=trust)

    app = FullScreen(
        address if trust is None else trust.resolved(address),
        user,
        room,
        open_cache=open_cache,
        open_chat=open_chat,
        preferences_path=default_path(),
        password=os.environ.get("HUBBUB_PASSWORD"),
        draw=draw,
    )
    return run(live(app))


async def live(app: FullScreen) -> int:
    """Runs ``app``; the exit code. An error is printed when the terminal is restored."""
    try:
        await app.run_async()
    except (asyncio.CancelledError, SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:  # noqa: BLE001  # reported, whatever it is
        app.failed(error)
    finally:
        if app.failure is not None:
            complain(sentence(app.failure))
        complain(*await app.finish())
    return FAILED if app.failure is not None else app.return_value or 0
