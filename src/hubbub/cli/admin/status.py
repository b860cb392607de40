"""`hubbub admin status`: how the server is."""

from __future__ import annotations

from typing import Any

from hubbub.cli.admin.asking import HERE, Where
from hubbub.cli.admin.showing import counted, facts, listed, say, size, tell, when


def status(*, where: Where = HERE) -> None:
    """Tell how the server is: what runs, how much there is, who owns it."""
    tell(where, _shown, "status")


def _shown(answer: Any) -> None:
    files = answer["files"] or {}
    shared, people = answer["shared"], f"{answer['people']:,}"
    here = counted(answer["sessions"], "connection")
    runs = f"since {when(answer['started'])}" if answer["serving"] else "no"
    facts(
        (
            ("server", answer["name"]),
            ("version", f"{answer['version']}, Python {answer['python']}"),
            ("node", f"{answer['node']}, one of {answer['nodes']}" if shared else ""),
            ("runs", runs),
            ("saves", "yes" if answer["healthy"] else "no: the server's log says why"),
            ("address", answer["url"]),
            ("owners", listed(answer["owners"]) or "nobody: hubbub admin owner NAME"),
            ("administrators", listed(answer["administrators"])),
            ("people here", f"{people}, {here}{' at this node' if shared else ''}"),
            ("accounts", f"{answer['accounts']:,}"),
            ("registration", answer["registration"]),
            ("guests", "on" if answer["guests"] else "off"),
            ("kept", f"{answer['keep_days']} days" if answer["keep_days"] else "for good"),
            ("rooms", f"{answer['rooms']:,} with {counted(answer['events'], 'event')}"),
            ("not indexed", answer["behind"] if answer["behind"] and answer["serving"] else ""),
            ("folder", files.get("folder")),
            ("settings", files.get("settings")),
            ("database", "PostgreSQL" if shared else _database(files)),
            ("search", size(files.get("search")) if files and not shared else ""),
            ("disk free", size(files.get("free")) if files else ""),
        )
    )
    for warning in answer["warnings"]:
        say(f"WARNING  {warning}")


def _database(files: Any) -> str:
    return size(files.get("database", 0) + files.get("wal", 0)) if files else ""
