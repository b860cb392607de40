"""The errors of the client library, beside the server's refusals."""

from __future__ import annotations

from typing import ClassVar

from hubbub.client.defect import words
from hubbub.domain.errors import ChatError
from hubbub.domain.passwords import INSTEAD
from hubbub.domain.replies import Refused


class Unreachable(ConnectionError):
    """There is no server, or one that is no Hubbub server; the message says which."""

    code = "unreachable"


class UnknownCertificate(Unreachable):
    """No known authority has signed the server's certificate, and its key is not known either.

    ``fingerprint``: of the key, for a person to compare; `Trust.accept` accepts it.
    """

    code = "unknown-certificate"

    def __init__(self, message: str, fingerprint: bytes) -> None:
        super().__init__(message)
        self.fingerprint = fingerprint


class CertificateChanged(Unreachable):
    """The server has another key than before, or than it should have; see ``fingerprint``."""

    code = "certificate-changed"

    def __init__(self, message: str, fingerprint: bytes) -> None:
        super().__init__(message)
        self.fingerprint = fingerprint


UNTRUSTED = frozenset({UnknownCertificate.code, CertificateChanged.code})
"""The codes of a server whose key is not accepted, for a person to be told of at once."""


class ConnectionLost(ConnectionError):
    """The connection is lost; the message says how. ``code`` is ``lost``, or the server's.

    ``reconnect``: in so many seconds the server, which restarts, expects us again; unchecked.
    """

    def __init__(self, message: str, code: str = "lost", reconnect: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.reconnect = reconnect


class ChatClosed(Exception):
    """The chat was closed before this was finished."""


class ChatFailed(ChatClosed):
    """The chat was ended by an unexpected error, which is the ``__cause__``.

    The lines that were not saved are in `Chat.unsent` and in `Chat.resume`.
    """

    def __init__(self, cause: BaseException) -> None:
        super().__init__(
            f"The chat was ended by an error in Hubbub itself: {words(cause)}. Please report it."
        )
        self.__cause__ = cause


class QueueFull(ChatError):
    """There are too many unsaved lines: the server is away, or the lines come too fast."""

    code: ClassVar[str] = "queue-full"


class InDoubt(ChatError):
    """The line may be saved, or something else done, or not; only a look can tell."""

    code: ClassVar[str] = "in-doubt"


def _kinds(root: type[ChatError]) -> dict[str, type[ChatError]]:
    """The class of each code; a class without a code of its own is of its parent's, and not it."""
    kinds: dict[str, type[ChatError]] = {}
    for kind in root.__subclasses__():
        own = {kind.code: kind} if "code" in vars(kind) else {}
        kinds |= own | _kinds(kind)
    return kinds


_KINDS = _kinds(ChatError)


def error_of(refused: Refused) -> ChatError:
    """The error for a refusal; of a class of its own if its code is not known here."""
    kind = _KINDS.get(refused.code)
    if kind is None:
        kind = type("UnknownRefusal", (ChatError,), {"code": refused.code})
    instead = "" if refused.sign_on is None else f" {INSTEAD.format(refused.sign_on)}"
    return kind(
        refused.message + instead,
        suggestion=refused.suggestion,
        retry_after=refused.retry_after,
        sign_on=refused.sign_on,
    )
