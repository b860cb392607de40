"""The keys of the room's screen, beside those of the input: what the help lists, too."""

from __future__ import annotations

from textual.binding import Binding, BindingType

_VIEW = Binding.Group("Reading")
_ROOMS = Binding.Group("Rooms")
_LOOKS = Binding.Group("Looks")
_REST = Binding.Group("And")

KEYS: list[BindingType] = [
    Binding("pageup", "page(-1)", "A screen up; older lines are fetched", group=_VIEW),
    Binding("pagedown", "page(1)", "A screen down", group=_VIEW),
    Binding("shift+up", "rows(-1)", "A row up", group=_VIEW),
    Binding("shift+down", "rows(1)", "A row down", group=_VIEW),
    Binding(
        "ctrl+home",
        "oldest",
        "To the first line of the room",
        group=_VIEW,
    ),
    Binding("ctrl+end", "newest", "To the newest line", group=_VIEW),
    Binding("escape", "escape", "Ends what is open; then to the newest line", group=_VIEW),
    Binding("alt+u", "unread", "To the first line that is new since you left", group=_VIEW),
    Binding("ctrl+f", "find", "Search in what is loaded", group=_VIEW),
    Binding("ctrl+n", "beside(1)", "The next room", group=_ROOMS),
    Binding("ctrl+p", "beside(-1)", "The room before", group=_ROOMS),
    *(
        Binding(f"alt+{number}", f"room({number})", f"Room {number}", group=_ROOMS)
        for number in range(1, 10)
    ),
    Binding("f2", "compact", "Times only, with a rule for each day", group=_LOOKS),
    Binding("f3", "members", "Show or hide the members", group=_LOOKS),
    Binding("f4", "theme", "The next theme", group=_LOOKS),
    Binding("f6", "bare", "Only the text, for the terminal's own mouse selection", group=_LOOKS),
    Binding("ctrl+r", "again", "Send again what could not be sent", group=_REST),
    Binding("ctrl+c", "copy", "Copy what is selected with the mouse", group=_REST),
    Binding("ctrl+t", "reconnect", "Connect now, when there is no connection", group=_REST),
    Binding("f1", "help", "This help", group=_REST),
    Binding("ctrl+q", "quit", "End; your rooms are joined again next time", group=_REST),
]
