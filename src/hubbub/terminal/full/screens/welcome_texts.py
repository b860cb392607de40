"""The hints and the help of the first questions."""

from __future__ import annotations

from hubbub.terminal.full.model.helping import Section

HINTS_NAME = ("F1 helps · Enter goes on · Esc ends", "F1 helps · Esc ends")
HINTS_PASSWORD = (
    "F1 helps · Ctrl+R: forgotten · Esc: another name",
    "F1 · Ctrl+R: forgotten · Esc",
)
HINTS_ROOM = (
    "F1 helps · Enter goes on · Tab completes · Esc ends",
    "F1 helps · Tab completes · Esc ends",
    "F1 · Tab completes · Esc ends",
    "F1 · Tab · Esc ends",
)
"""From the longest to the shortest: the first one that fits the screen is shown."""

ABOUT_NAME = (
    Section(
        "Your name",
        (
            "This is the name that others see before what you write. It may have letters, digits "
            "and signs such as - _ . but no spaces; up to 32 of them.",
            "If you have been here before, your name is filled in already. Press Enter to keep it, "
            "or write another one over it.",
            "A name with an account asks for its password, which is not shown as you type. To take "
            "another name instead, press Esc. If an administrator has given you a link for a new "
            "password, press Ctrl+R. A name becomes an account by /register, in a room.",
            "If the name is in use, somebody else has it, or you have it yourself: on another "
            "device or in another window.",
        ),
    ),
    Section(
        "Keys",
        (
            ("Enter", "goes on to the rooms"),
            ("Ctrl+U", "deletes what is written"),
            ("Esc, Ctrl+Q", "end the program"),
        ),
    ),
)
ABOUT_ROOM = (
    Section(
        "The room",
        (
            "A room is where people talk. All that is said in it is kept, and everybody who comes "
            "later can read it.",
            "Write the name of a room, or a part of it to find one. Press Enter alone to go to the "
            "room whose name is offered. A name that no room has makes a new room.",
            "You can be in several rooms: type /join and a name when you are in the first one.",
        ),
    ),
    Section(
        "Keys",
        (
            ("Enter", "goes to the room"),
            ("Tab", "completes the name; again: the next one that fits"),
            ("Esc, Ctrl+Q", "end the program"),
        ),
    ),
)
