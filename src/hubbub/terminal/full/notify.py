"""Control sequences for an alert: the terminal's bell, or a notification on the desktop."""

from __future__ import annotations

import os
from collections.abc import Mapping

from hubbub.terminal.full.model.display import cut, shown

BELL = "\a"
MOST_CELLS = 120

_OSC9 = ("iTerm.app", "WezTerm", "ghostty", "WindowsTerminal", "kitty")
_OSC777 = ("foot", "rxvt", "vte")


def notification(
    how: str, title: str, body: str, environment: Mapping[str, str] = os.environ
) -> str:
    """The sequence to write; ``how`` is the setting: auto, bell, osc9, osc777 or off.

    Both texts are other people's, so their control characters are replaced.
    """
    if how == "off":
        return ""
    title, body = (cut(shown(one.replace("\n", " ")), MOST_CELLS) for one in (title, body))
    if how == "auto":
        how = _known(environment)
    if how == "osc9":
        return f"{BELL}\x1b]9;{title}: {body}\x1b\\"
    if how == "osc777":
        return f"{BELL}\x1b]777;notify;{title.replace(';', ',')};{body}\x1b\\"
    return BELL


def _known(environment: Mapping[str, str]) -> str:
    """The way that the terminal supports; within tmux and screen the bell, which they pass on."""
    if environment.get("TMUX") or environment.get("STY"):
        return "bell"
    term = environment.get("TERM", "")
    program = environment.get("TERM_PROGRAM", "")
    if environment.get("WT_SESSION"):
        program = "WindowsTerminal"
    if program in _OSC9 or any(one.lower() in term for one in ("kitty", "ghostty", "wezterm")):
        return "osc9"
    if environment.get("VTE_VERSION") or term.startswith(_OSC777):
        return "osc777"
    return "bell"
