"""What can be sent: a command is encoded and measured when the program asks for it.

So what cannot be sent fails that call alone, and not the writing, which is everybody's.
"""

from __future__ import annotations

from hubbub.domain.commands import Command
from hubbub.domain.errors import BadMessage, ChatError, LineTooLong
from hubbub.wire.json import decode_command, encode

ID_BYTES = 32  # of a frame: the id that a command is given when it goes


def check(command: Command, max_bytes: int | None, too_long: type[ChatError] = LineTooLong) -> None:
    """Raises `BadMessage` for what no frame can say or no server would take; ``too_long`` for more
    than ``max_bytes`` of a frame (None: not known yet).
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
    """The frame; raises `BadMessage` for what is no text, and for numbers beyond all measure."""
    try:
        return encode(command)
    except UnicodeEncodeError as error:
        raise BadMessage(
            f"Character {error.start + 1} of {error.object[:20]!r} is half of a surrogate pair, "
            "which is not text. It was not sent."
        ) from None
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise BadMessage(f"This cannot be sent: {error}.") from None
