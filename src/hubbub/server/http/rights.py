"""What the page is told of rights: the table, from which it knows what to offer."""

from __future__ import annotations

import json

from msgspec import to_builtins

from hubbub.domain.rights import RIGHTS
from hubbub.domain.rules import Role


def rights_of_the_page() -> str:
    """The table as JSON, in the shape that ``chat/rights.js`` takes."""
    told = {
        "roles": [role.value for role in Role],
        "rights": {action.value: to_builtins(right) for action, right in RIGHTS.items()},
    }
    return json.dumps(told, separators=(",", ":"))
