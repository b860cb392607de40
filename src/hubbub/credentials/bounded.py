"""Answers of other servers that are not read beyond a limit. Imports httpx2, so it is itself
imported when it is needed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from httpx2 import AsyncByteStream, Response


class _Bounded(AsyncByteStream):
    """The body of an answer, whose reading raises ``ValueError`` beyond ``most`` bytes."""

    def __init__(self, body: AsyncByteStream, most: int) -> None:
        self._body = body
        self._most = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self._most
        async for piece in self._body:
            left -= len(piece)
            if left < 0:
                raise ValueError(f"its answer has more than {self._most:,} bytes")
            yield piece

    async def aclose(self) -> None:
        await self._body.aclose()


def bounded(most: int) -> Callable[[Response], Awaitable[None]]:
    """A hook for answers of a client: they may have ``most`` bytes, and may not be packed.

    What is packed may be of any size when it is not.
    """

    async def bound(response: Response) -> None:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise ValueError("its answer is packed, which was not asked for")
        assert isinstance(response.stream, AsyncByteStream)
        response.stream = _Bounded(response.stream, most)

    return bound
