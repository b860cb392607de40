"""The four themes, and the style of each role of the timeline in them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from itertools import permutations
from typing import NamedTuple

from rich.style import Style
from textual.theme import Theme

from hubbub.terminal.full.model import names
from hubbub.terminal.full.model.rows import Role

DARK_BACKGROUND = "#14161b"
LIGHT_BACKGROUND = "#fbfaf7"


_EMPHASIS_ALONE = {"*": Style(bold=True), "_": Style(italic=True), "~": Style(strike=True)}
# The order of nesting makes no difference: "*_" (italic in bold) looks like "_*".
_EMPHASIS = {
    "".join(within): Style.combine(_EMPHASIS_ALONE[marker] for marker in within)
    for count in (1, 2, 3)
    for within in permutations(_EMPHASIS_ALONE, count)
}


class Palette(NamedTuple):
    """The styles of roles and names."""

    roles: Mapping[Role, Style]
    names: tuple[Style, ...]
    selection: Style

    def style(self, role: Role, key: str = "", within: str = "") -> Style:
        """The style of a run; ``key`` is the name or the link, ``within`` its emphasis."""
        if role is Role.NAME:
            return self.names[names.bucket(key) % len(self.names)]
        style = self.roles[role] + _EMPHASIS[within] if within else self.roles[role]
        return _linked(style, key) if role is Role.LINK else style


@lru_cache(maxsize=1024)
def _linked(style: Style, url: str) -> Style:
    return style + Style(link=url)


def _palette(colours: Mapping[str, str], of_names: tuple[str, ...], selection: str) -> Palette:
    faint, accent, good, bad, warn = (
        colours[key] for key in ("faint", "accent", "good", "bad", "warn")
    )
    looks = {
        Role.TEXT: "",
        Role.TIME: faint,
        Role.MENTION: f"bold {warn}",
        Role.LINK: f"underline {accent}",
        Role.MARK: faint,
        Role.CODE: colours["code"] + colours["code surface"],
        Role.CODE_BLOCK: colours["code"] + colours["code surface"],
        Role.QUOTE: faint,
        Role.ANSWERED: faint,
        Role.MATCH: colours["match"],
        Role.EVENT: faint,
        Role.REACTION: faint,
        Role.REACTED: f"bold {accent}",
        Role.NOTICE: f"italic {faint}",
        Role.WARNING: warn,
        Role.WELCOME: f"bold {good}",
        Role.RULE: faint,
        Role.UNREAD: f"bold {bad}",
        Role.WAITING: f"italic {faint}",
        Role.FAILED: bad,
        Role.GUTTER: faint,
    }
    return Palette(
        {role: Style.parse(look) for role, look in looks.items()},
        tuple(Style.parse(f"bold {colour}") for colour in of_names),
        Style.parse(selection),
    )


DARK_COLOURS = {
    "faint": "#8b93a3",
    "accent": "#7cb7ff",
    "good": "#8fd978",
    "bad": "#ff8a80",
    "warn": "#ffc66d",
    "code": "#d2b8ff",
    "code surface": " on #20242d",
    "match": "black on #ffd75f",
}
LIGHT_COLOURS = {
    "faint": "#5a5e67",
    "accent": "#0b57d0",
    "good": "#2f6b1c",
    "bad": "#b3261e",
    "warn": "#8a4b00",
    "code": "#6a1b9a",
    "code surface": " on #e8e5dc",
    "match": "black on #ffd75f",
}
_ANSI_COLOURS = {
    "faint": "dim",
    "accent": "cyan",
    "good": "green",
    "bad": "red",
    "warn": "magenta",
    "code": "green",
    "code surface": "",
    "match": "reverse",
}
_MONO = {
    "faint": "dim",
    "accent": "not bold",
    "good": "not italic",
    "bad": "bold",
    "warn": "bold",
    "code": "not dim",
    "code surface": "",
    "match": "reverse",
}

PALETTES = {
    "dark": _palette(DARK_COLOURS, names.DARK, "on #2f4f7f"),
    "light": _palette(LIGHT_COLOURS, names.LIGHT, "on #bcd6ff"),
    "ansi": _palette(_ANSI_COLOURS, names.ANSI, "reverse"),
    "mono": _palette(_MONO, ("bold",), "reverse"),
}

_PLAIN_VARIABLES = {
    "ansi-background": "ansi_default",
    "ansi-foreground": "ansi_default",
    "input-cursor-text-style": "reverse",
    "input-cursor-background": "ansi_default",
    "input-cursor-foreground": "ansi_default",
    "block-cursor-background": "ansi_default",
    "block-cursor-foreground": "ansi_default",
    "screen-selection-background": "ansi_default",
    "screen-selection-foreground": "ansi_default",
    "border": "ansi_default",
    "border-blurred": "ansi_default",
}


def _terminal_theme(name: str, *, primary: str, error: str, success: str) -> Theme:
    """A theme with the terminal's own colours."""
    return Theme(
        name=name,
        ansi=True,
        primary=primary,
        secondary=primary,
        warning="ansi_magenta" if name == "ansi" else "ansi_default",
        error=error,
        success=success,
        accent=primary,
        foreground="ansi_default",
        background="ansi_default",
        surface="ansi_default",
        panel="ansi_default",
        boost="ansi_default",
        variables=_PLAIN_VARIABLES,
    )


THEMES = (
    Theme(
        name="dark",
        primary="#7cb7ff",
        secondary="#8b93a3",
        accent="#7cb7ff",
        warning="#ffc66d",
        error="#ff8a80",
        success="#8fd978",
        foreground="#e3e6ec",
        background=DARK_BACKGROUND,
        surface="#1a1d24",
        panel="#20242d",
    ),
    Theme(
        name="light",
        primary="#0b57d0",
        secondary="#5a5e67",
        accent="#0b57d0",
        warning="#8a4b00",
        error="#b3261e",
        success="#2f6b1c",
        foreground="#1d1f23",
        background=LIGHT_BACKGROUND,
        surface="#f2f0ea",
        panel="#e8e5dc",
        dark=False,
    ),
    _terminal_theme("ansi", primary="ansi_cyan", error="ansi_red", success="ansi_green"),
    _terminal_theme("mono", primary="ansi_default", error="ansi_default", success="ansi_default"),
)


def fitting(environment: Mapping[str, str] = os.environ) -> str:
    """The first theme, by what the environment says about the terminal."""
    if environment.get("NO_COLOR"):
        return "mono"
    term = environment.get("TERM", "")
    rich_colours = environment.get("COLORTERM") or "256" in term or "direct" in term
    if not rich_colours and os.name != "nt":
        return "ansi"
    # Set by rxvt, Konsole and others: "foreground;background", as numbers of the 16 colours.
    background = environment.get("COLORFGBG", "").rpartition(";")[2]
    return "light" if background in ("7", "15") else "dark"
