"""Writes the emoji that the page's picker shows: ``python -m tools.page_emoji FOLDER``.

Which there are, and their names, come from the package ``emoji``, as in `tools.emoji_table`. Their
order, groups and further words to search for come from two packages of npm, of which FOLDER has the
copies: ``npm install --prefix FOLDER unicode-emoji-json emojilib``.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from itertools import product
from pathlib import Path
from typing import Any

import emoji

from hubbub.domain.emoji import TONES

PICKER = Path(__file__).parent.parent / "src/hubbub/page/text/emoji.json"

_TONE = re.compile(f"[{TONES}]")
_TONE_NAME = re.compile(r"_(?:medium-)?(?:light|medium|dark)_skin_tone")
_MARK = "*"  # the place of a skin tone
_MAX_WORDS = 6
_WORD = re.compile(r"[a-z0-9]{2,}")
_GROUPS = {
    "Smileys & Emotion": "Smileys",
    "People & Body": "People",
    "Animals & Nature": "Nature",
    "Food & Drink": "Food",
    "Travel & Places": "Places",
    "Activities": "Activities",
    "Objects": "Objects",
    "Symbols": "Symbols",
    "Flags": "Flags",
}
_NEW = {  # they are younger than the list of npm
    "cracking face": "Smileys & Emotion",
    "leftwards thumb sign": "People & Body",
    "rightwards thumb sign": "People & Body",
    "monarch butterfly": "Animals & Nature",
    "pickle": "Food & Drink",
    "lighthouse": "Travel & Places",
    "meteor": "Travel & Places",
    "eraser": "Objects",
    "net with handle": "Objects",
}

Row = list[str]
"""An emoji, its name, words to find it by; and with one skin tone, and with two, if it has them."""


def groups(folder: Path) -> dict[str, list[Row]]:
    """The emoji of each group, in order. Raises ValueError for one that is in none."""
    listed: dict[str, Any] = _read(folder, "unicode-emoji-json/data-by-emoji.json")
    words: dict[str, list[str]] = _read(folder, "emojilib/dist/emoji-en-US.json")
    known = {one: row for one, row in emoji.EMOJI_DATA.items() if row["status"] == _QUALIFIED}
    plain = {one: _name(row["en"]) for one, row in known.items() if not _TONE.search(one)}
    toned = _toned({one: row["en"] for one, row in known.items() if _TONE.search(one)})
    place = {one: place for place, one in enumerate(listed)}
    rows: dict[str, list[Row]] = {name: [] for name in _GROUPS.values()}
    for one, name in sorted(plain.items(), key=lambda item: place.get(item[0], len(place))):
        group = listed[one]["group"] if one in listed else _NEW.get(name)
        if group is None:
            raise ValueError(f"Which group has {one} ({name})? Say so in _NEW.")
        aliases = known[one].get("alias", [])
        found = _further(name, [*words.get(one, []), *aliases])
        rows[_GROUPS[group]].append([one, name, found, *toned.pop(name, [])])
    if toned:
        raise ValueError(f"These skin tones are of no emoji: {toned}")
    _check(rows, set(known))
    return rows


def text(folder: Path) -> str:
    """The text of the file: a line for each emoji."""
    parts = []
    for name, rows in groups(folder).items():
        lines = ",\n".join(
            json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows
        )
        parts.append(f'["{name}",[\n{lines}\n]]')
    return "[" + ",\n".join(parts) + "]\n"


def expanded(row: Row) -> set[str]:
    """All emoji for which a row stands."""
    one, _, _, *patterns = row
    found = {one}
    for pattern in patterns:
        count = pattern.count(_MARK)
        mixed = pattern is patterns[-1] and len(patterns) > 1
        for tones in product(TONES, repeat=2 if mixed else 1):
            if mixed and tones[0] == tones[1]:
                continue
            filled = pattern
            for tone in tones if mixed else tones * count:
                filled = filled.replace(_MARK, tone, 1)
            found.add(filled)
    return found


_QUALIFIED = emoji.STATUS["fully_qualified"]


def _toned(known: dict[str, str]) -> dict[str, Row]:
    """By the names without tones: the pattern of one tone, and that of two that differ."""
    patterns: dict[str, dict[bool, str]] = defaultdict(dict)
    for one, called in known.items():
        name = _name(_TONE_NAME.sub("", called)).removesuffix(" person person")
        mixed = len(set(_TONE.findall(one))) > 1
        patterns[name][mixed] = _TONE.sub(_MARK, one)
    return {
        name: [found[False], *filter(None, [found.get(True)])] for name, found in patterns.items()
    }


def _further(name: str, words: list[str]) -> str:
    """The words that are not in the name."""
    found = dict.fromkeys(word for given in words for word in _WORD.findall(given.lower()))
    return " ".join([word for word in found if word not in name.lower()][:_MAX_WORDS])


def _name(called: str) -> str:
    return called.strip(":").replace("_", " ")


def _check(rows: dict[str, list[Row]], known: set[str]) -> None:
    found = {one for group in rows.values() for row in group for one in expanded(row)}
    if found != known:
        raise ValueError(f"These are left out, or are none: {found ^ known}")


def _read(folder: Path, path: str) -> Any:
    return json.loads((folder / "node_modules" / path).read_text("utf-8"))


def main(arguments: list[str]) -> int:
    PICKER.write_text(text(Path(arguments[0])), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
