"""Whether the end of a URL's path is a room, or belongs to the path below which the server is.

``https://chat.example.org/General`` is a room, ``https://www.example.org/chat`` may be a server,
and nobody who types that knows the difference. So the server is asked, once: the second time
there is something of it in the cache.
"""

from __future__ import annotations

import asyncio

from msgspec.structs import replace

from hubbub.client.address import Address
from hubbub.client.cache import place
from hubbub.client.connection import Connection
from hubbub.client.errors import Unreachable
from hubbub.client.folder import default_folder
from hubbub.client.trust import Trust

ASK_SECONDS = 3.0  # for the server to answer; else the end is a room


def placed(where: Address, whole: Address | None, trust: Trust) -> Address:
    """``where``, or ``whole`` if there is a server at that: see `Address.whole_path`."""
    if whole is None:
        return where
    if _is_known(where) != _is_known(whole):
        there = _is_known(whole)
    else:
        there = asyncio.run(_answers(whole, trust))
    return replace(whole, user=where.user) if there else where


def _is_known(address: Address) -> bool:
    return (default_folder() / f"{place.file_name(address)}.db").exists()


async def _answers(address: Address, trust: Trust) -> bool:
    try:
        async with asyncio.timeout(ASK_SECONDS):
            connection = await Connection.open(address, trust)
    except (Unreachable, TimeoutError):
        return False
    await connection.close()
    return True
