"""Hubbub: chat rooms for every client, on one port, where sent means saved."""

__version__ = "0.1.0"
