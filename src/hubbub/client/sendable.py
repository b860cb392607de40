"""Checks that a command can be sent: it is encoded and measured when the program asks for it.

So a command that cannot be sent fails its own call, and not the connection.
"""

from __future__ import annotations

from hubbub.domain.commands import Command
from hubbub.domain.errors import BadMessage, ChatError, LineTooLong
from hubbub.wire.json import decode_command, encode

ID_BYTES = 32  # of a frame, for the id that a command gets when it is sent


def check(command: Command, max_bytes: int | None, too_long: type[ChatError] = LineTooLong) -> None:
    """Raises `BadMessage` for a command that cannot be encoded or that no server accepts, and
    ``too_long`` for one whose frame has more than ``max_bytes`` (None: not known yet).
    """
    frame = encoded(command)
    decode_command(frame)
    if max_bytes is not None and len(frame) + ID_BYTES > max_bytes:
        what = "message" if too_long is not LineTooLong else "request"
        raise too_long(
            f"This {what} has {len(frame):,} bytes on its way to the server, which takes "
            f"{max_bytes:,}. It was not sent: please {'split' if what == 'message' else 'shorten'}"
            " it."
        )


def encoded(command: Command) -> bytes:
    """The frame; raises `BadMessage` for invalid text (lone surrogates) and too large numbers."""
    try:
        return encode(command)
    except UnicodeEncodeError as error:
        raise BadMessage(
            f"Character {error.start + 1} of {error.object[:20]!r} is half of a surrogate pair, "
            "which is not text. It was not sent."
        ) from None
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise BadMessage(f"This cannot be sent: {error}.") from None
