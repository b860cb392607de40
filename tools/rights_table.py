"""Who may do what in a room, as a table for docs/rights.md: ``python -m tools.rights_table``."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from hubbub.domain.replies import Standing
from hubbub.domain.rights import RIGHTS, Action, may
from hubbub.domain.rules import Role, RoomAccess

COLUMNS = (
    ("guest", Role.MEMBER, False),
    ("account", Role.MEMBER, True),
    ("voice", Role.VOICE, True),
    ("moderator", Role.MODERATOR, True),
    ("owner", Role.OWNER, True),
)


def table() -> str:
    """Markdown: one row for each action, one column for each role."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    heads = [name for name, _, _ in COLUMNS]
    yield f"| may | {' | '.join(heads)} | when closed | in a direct conversation |"
    yield f"| --- |{' --- |' * (len(heads) + 2)}"
    for action, right in RIGHTS.items():
        cells = [_cell(action, role, account) for _, role, account in COLUMNS]
        everywhere = [_yes(right.when_archived), _yes(_in_direct(action))]
        yield f"| {right.does} | {' | '.join([*cells, *everywhere])} |"


def _cell(action: Action, role: Role, account: bool) -> str:
    owned, unowned = (
        may(action, Standing(role=role, owned=one), account=account) for one in (True, False)
    )
    return _yes(owned) if owned == unowned else "if nobody owns it"


def _in_direct(action: Action) -> bool:
    return may(action, Standing(access=RoomAccess.DIRECT), account=True)


def _yes(true: bool) -> str:
    return "yes" if true else "–"


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
