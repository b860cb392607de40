"""Who may come in from a browser: the Host and Origin headers of a request."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable, Sequence

_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.]+\]|[^\[\]:@/\s]+)(?::(?P<port>\d{1,5}))?")


class Doors:
    """Guards against pages of other sites (RFC 6455, 10.2) and against DNS rebinding.

    A page of another site that a browser was lured to cannot choose its Origin; a site that
    points its own name at this machine's address is known by that name in Host. Programs that
    are no browsers send no Origin and are let in.
    """

    def __init__(self, allowed_hosts: Iterable[str], allowed_origins: Iterable[str]) -> None:
        own = socket.gethostname().lower()
        self._hosts = {"localhost", own, f"{own}.local", *(name.lower() for name in allowed_hosts)}
        self._origins = {origin.lower().rstrip("/") for origin in allowed_origins}

    def host_allowed(self, host: str) -> bool:
        """Whether a browser may know this server as ``host``, the value of a Host header."""
        match = _HOST.fullmatch(host)
        if match is None:
            return False
        name = match["name"].lower().rstrip(".")
        return name in self._hosts or name.endswith(".localhost") or _is_address(name)

    def refusal(self, hosts: Sequence[str], origins: Sequence[str]) -> str | None:
        """The sentence that refuses such a request, or None if it may come in."""
        if len(hosts) != 1 or not self.host_allowed(hosts[0]):
            name = hosts[0] if len(hosts) == 1 else ""
            return (
                f'This server does not go by the name "{name[:100]}". Use its address, or add the '
                "name to the setting allowed-hosts."
            )
        if not origins:
            return None
        origin = origins[0].lower().rstrip("/")
        same = origin in (f"http://{hosts[0].lower()}", f"https://{hosts[0].lower()}")
        if len(origins) == 1 and (same or origin in self._origins):
            return None
        return (
            f"Pages of {origins[0][:100]} may not connect to this server. If they should, add it "
            "to the setting allowed-origins."
        )


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
