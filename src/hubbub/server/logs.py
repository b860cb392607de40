"""The server's log lines: the standard library's logging, rendered by structlog to stderr.

Modules log with ``logging.getLogger(__name__)`` and put values into ``extra``, where they can be
searched and masked, rather than into the text. So uvicorn, websockets and asyncio come out the same
way. Structlog is imported for the first line, which is written when the server listens already:
a start is quicker by its 35 ms.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping, MutableMapping
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, Literal, TextIO

from hubbub.server.numbering import CONNECTION, REQUEST

if TYPE_CHECKING:
    from structlog.typing import Processor

MASK = "***"
SECRETS = ("token", "password", "authorization", "secret", "cookie")
"""Parts of names whose values are secret, and masked."""

LEAST = {
    # A warning for whatever nonsense a stranger sends would let strangers fill the disk.
    "uvicorn.error": logging.ERROR,
    "websockets": logging.ERROR,
    # It tells of each of its plug-ins.
    "alembic": logging.WARNING,
    # It tells of each request to the provider of a single sign-on.
    "httpx2": logging.WARNING,
}
"""The least important lines of these libraries that are written, whatever the level is."""


def set_up(
    level: Literal["debug", "info", "warning", "error"],
    form: Literal["console", "json"],
    stream: TextIO | None = None,
) -> None:
    """Configures logging: lines of ``level`` and above go to ``stream`` (stderr) in ``form``."""
    stream = stream or sys.stderr
    if form == "json" and isinstance(stream, TextIOWrapper):
        # JSON is UTF-8 (RFC 8259, section 8.1), whatever the locale is. Half of a surrogate pair,
        # which UTF-8 cannot have, comes out as JSON's own escape.
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Lazily(form, _takes_colors(handler.stream)))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, least in LEAST.items():
        logging.getLogger(name).setLevel(least)
    logging.captureWarnings(True)


def mask_secrets(logger: Any, method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """Replaces every value with a secret name by `MASK`, at any depth."""
    return {name: _masked(name, value) for name, value in event.items()}


def _masked(name: object, value: Any) -> Any:
    if isinstance(name, str) and any(secret in name.lower() for secret in SECRETS):
        return MASK
    if isinstance(value, Mapping):
        return {key: _masked(key, each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_masked("", each) for each in value]
    return value


class _Lazily(logging.Formatter):
    """Structlog's formatter, imported and created with the first line."""

    def __init__(self, form: str, colors: bool) -> None:
        super().__init__()
        self._form = form
        self._colors = colors
        self._formatter: logging.Formatter | None = None

    def format(self, record: logging.LogRecord) -> str:
        if self._formatter is None:
            self._formatter = _make_formatter(self._form, self._colors)
        return self._formatter.format(record)


def _make_formatter(form: str, colors: bool) -> logging.Formatter:
    from structlog.dev import ConsoleRenderer, plain_traceback
    from structlog.processors import JSONRenderer, StackInfoRenderer, format_exc_info
    from structlog.stdlib import ExtraAdder, ProcessorFormatter, add_log_level, add_logger_name

    # Tracebacks are the plain ones: structlog's prettier ones show local variables, tokens and all.
    rendered: tuple[Processor, ...]
    if form == "json":
        rendered = (JSONRenderer(ensure_ascii=False),)
    else:
        console = ConsoleRenderer(
            colors=colors, exception_formatter=plain_traceback, pad_event_to=0
        )
        rendered = (_escape, console)
    return ProcessorFormatter(
        foreign_pre_chain=(add_log_level, add_logger_name, ExtraAdder(), _add_time, _add_ids),
        processors=(
            ProcessorFormatter.remove_processors_meta,
            StackInfoRenderer(),
            format_exc_info,
            mask_secrets,
            *rendered,
        ),
    )


def _add_time(logger: Any, method: str, event: MutableMapping[str, Any]) -> Any:
    from datetime import UTC, datetime

    at = datetime.fromtimestamp(event["_record"].created, UTC)
    event["timestamp"] = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return event


def _add_ids(logger: Any, method: str, event: MutableMapping[str, Any]) -> Any:
    """The ids of what the line is about, by which whoever was told them is found."""
    for name, id in (("request", REQUEST.get()), ("connection", CONNECTION.get())):
        if id is not None:
            event.setdefault(name, id)
    return event


def _escape(logger: Any, method: str, event: MutableMapping[str, Any]) -> Any:
    """Escapes line ends and control characters, so that clients cannot forge lines of the log."""
    return {
        name: _printable(value.rstrip(), "\n" if name in _BLOCKS else "")
        if isinstance(value, str)
        else value
        for name, value in event.items()
    }


_BLOCKS = ("exception", "stack")  # of many lines, and our own


def _printable(text: str, but: str) -> str:
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in but else repr(char)[1:-1] for char in text)


def _takes_colors(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR")
