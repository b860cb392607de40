"""The keys of the room's screen, beside those of the input. `RoomActions` obeys them."""

from __future__ import annotations

from textual.binding import Binding, BindingType

_VIEW = Binding.Group("Reading")
_ANSWER = Binding.Group("One message")
_ROOMS = Binding.Group("Rooms")
_LOOKS = Binding.Group("Looks")
_REST = Binding.Group("More")

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
    Binding(
        "escape",
        "escape",
        "Ends what is open; then to the newest line; then all here is read",
        group=_VIEW,
    ),
    Binding("alt+u", "unread", "To the first line that is new", group=_VIEW),
    Binding("alt+m", "mention", "To the next mention of you, in whichever room", group=_VIEW),
    Binding(
        "ctrl+f", "find", "Find in this room; again: search all rooms, as /search", group=_VIEW
    ),
    Binding("ctrl+o", "links", "The links of this room, to open or copy one", group=_VIEW),
    Binding(
        "alt+up,alt+r",
        "answer",
        "Mark a message: ↑↓ another one, Enter answers it, Ctrl+R reacts to it, Ctrl+E changes "
        "it, Del takes it back, Ctrl+P pins it, → shows the conversation around it, Ctrl+V what "
        "it said before, Ctrl+C copies it, Ctrl+O opens its link, F7 opens all that can be done "
        "with it and with its author, Esc ends",
        group=_ANSWER,
    ),
    Binding("ctrl+k", "switch", "Find a room by any part of its name, or make one", group=_ROOMS),
    Binding("alt+a", "next_unread", "The next room with something new", group=_ROOMS),
    Binding("f5", "room_menu", "What can be done with this room", group=_ROOMS),
    Binding("f7", "people", "Find a member of this room, and what can be done", group=_ROOMS),
    Binding("f8", "queue", "What waits for who moderates this room", group=_ROOMS),
    Binding("ctrl+n", "beside(1)", "The next room", group=_ROOMS),
    Binding("ctrl+p", "beside(-1)", "The room before", group=_ROOMS),
    *(
        Binding(f"alt+{number}", f"room({number})", f"Room {number}", group=_ROOMS)
        for number in range(1, 10)
    ),
    Binding(
        "f2", "times", "Short times with a line for each day, or full dates and times", group=_LOOKS
    ),
    Binding("f3", "members", "Show or hide the members", group=_LOOKS),
    Binding("f4", "theme", "The next theme", group=_LOOKS),
    Binding(
        "f6",
        "bare",
        "Only the text, so that the terminal itself selects with the mouse",
        group=_LOOKS,
    ),
    Binding("ctrl+r", "again", "Send again what could not be sent", group=_REST),
    Binding(
        "ctrl+c", "copy", "Copy what is selected with the mouse, or marked with Alt+R", group=_REST
    ),
    Binding(
        "ctrl+t",
        "reconnect",
        "Connect again now, if the connection is lost or does not answer",
        group=_REST,
    ),
    Binding("f1", "help", "This help", group=_REST),
    Binding("ctrl+q", "quit", "End; your rooms are joined again next time", group=_REST),
]
