"""What the page is told of the commands that can be typed in it."""

from __future__ import annotations

import json

from hubbub.domain.orders import Vocabulary
from hubbub.domain.slashes import Client


def commands_of_the_page() -> str:
    """The table as JSON, in the shape that ``text/commands.js`` takes."""
    vocabulary = Vocabulary(Client.PAGE)
    commands = [
        {
            "name": slash.name,
            "argument": slash.argument,
            "does": slash.help(Client.PAGE),
            "asks": slash.asks,
            "aliases": slash.aliases,
            "fills": slash.fills,
            "offers": slash.offers.value,
            "choices": slash.choices_in(Client.PAGE),
        }
        | ({"secret": True} if slash.secret else {})
        for slash in vocabulary.rows.values()
    ]
    told = {"commands": commands, "instead": vocabulary.instead}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
