"""Tasks of administrators over a hub in memory, and over HTTP."""

from __future__ import annotations

from hubbub.admin.running import Administration
from hubbub.admin.tasks import Desk
from hubbub.config import Settings
from hubbub.hub.hub import Hub

URL = "http://chat.example.org/"


def administration(hub: Hub) -> Administration:
    """All tasks, for a server without files."""
    settings = Settings(data=None)
    return Administration(Desk(hub, settings, folder=None, url=lambda: URL, serving=True))
