"""What all connections of IRC to one server share, from its settings."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from hubbub import __version__
from hubbub.domain.commands import MAX_HISTORY
from hubbub.hub.ports import Outlet
from hubbub.hub.settings import ALL_HISTORY
from hubbub.server.context import Context
from hubbub.server.ircdirectory import HubDirectory, Overhears
from hubbub.wire.irc.cutting import cut
from hubbub.wire.irc.host import Host

DAY_SECONDS = 86_400
MAX_MOTD_BYTES = 16 * 1024  # a few screens: each who comes is told all of it
MAX_MOTD_LINE = 400  # bytes
_NO_HOST = re.compile(r"[^A-Za-z0-9.-]+")


def make_host(
    context: Context,
    site: str,
    local_time: Callable[[int], str],
    client_of: Callable[[Outlet], Overhears | None],
) -> Host:
    """``client_of``: see `hubbub.server.ircdirectory.HubDirectory`."""
    hub, options, certificates = context.hub, context.options, context.certificates
    network = _in_one_word(hub.settings.server_name) or "Hubbub"
    key = hashlib.sha256(f"{hub.log.id} cloaks".encode()).digest()
    lines = hub.settings.history_on_join
    return Host(
        network if "." in network else f"{network.lower()}.chat",
        network,
        f"hubbub-{__version__}",
        key,
        HubDirectory(hub, site, client_of, certificates),
        since=context.since,
        motd=partial(motd, options.motd),
        sts_seconds=0 if certificates is None else options.irc_sts_days * DAY_SECONDS,
        sts_port=options.irc_tls_port or options.port,
        lines=MAX_HISTORY if lines == ALL_HISTORY else min(lines, MAX_HISTORY),
        local_time=local_time,
    )


def motd(said: str) -> list[str]:
    """The lines of the setting ``motd``: a text, or ``@`` and a path of a file, read each time."""
    if said.startswith("@"):
        try:
            with Path(said[1:]).expanduser().open(encoding="utf-8", errors="replace") as file:
                said = file.read(MAX_MOTD_BYTES)
        except OSError:
            return []
    return [line for text in said.splitlines() for line in cut(text, MAX_MOTD_LINE) or [" "]]


def _in_one_word(text: str) -> str:
    return _NO_HOST.sub("-", text.strip())
