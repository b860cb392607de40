"""What several servers tell others without meaning to: warnings for who starts one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from ipaddress import ip_address

from hubbub.config import Settings
from hubbub.setting.buses import BusAddress, bus_address

_PASSWORD = re.compile(r"//[^/?@]*:[^/?@]+@|[?&]password=.")


def told_to_others(settings: Settings, arguments: Sequence[str]) -> Iterator[str]:
    """Sentences about passwords in ``arguments``, which all can read who use this computer, and
    about a bus on which others may listen.
    """
    bus = bus_address(settings.bus) if settings.bus else None
    secret = {
        "--database": settings.database if _PASSWORD.search(settings.database) else "",
        "--bus": settings.bus if bus is not None and (bus.password or bus.token) else "",
    }
    for flag, value in secret.items():
        if value and any(value in one for one in arguments):
            variable = f"HUBBUB_{flag[2:].upper()}"
            yield (
                f"Everybody who uses this computer can read the password of {flag} in the list of "
                f"its programs (ps). Give {flag} in the environment ({variable}) or the settings "
                "file instead."
            )
    if bus is not None and (warning := _on_the_bus(bus)):
        yield warning


def _on_the_bus(bus: BusAddress) -> str:
    """Who may listen there; "" if it is on this computer alone, or encrypted and asks who comes."""
    far = [server for server in bus.servers if not _is_here(server)]
    named = bus.user is not None or bus.token is not None or bus.creds is not None
    if not far or (bus.encrypted and named):
        return ""
    who = "Who is on the way to" if named else "Everybody who can reach"
    what = "tls:// before its address" if named else "a user with a password"
    if not named and not bus.encrypted:
        what = f"tls:// before its address, and {what}"
    return (
        f"{who} the NATS at {', '.join(far)} can read there what is said, in private rooms, too. "
        f"If that is not a network of your own, it needs {what}."
    )


def _is_here(server: str) -> bool:
    host = server.rpartition(":")[0].strip("[]")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
