"""Somebody is put out of a room: all read it, and the person concerned stays out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import WebSocketRoute, expect

from tests.web.browsing import Person, until

Come = Callable[..., Person]


def test_who_is_put_out_is_told_and_does_not_come_back_alone(come: Come, room: str) -> None:
    sockets: list[WebSocketRoute] = []
    commands: list[dict[str, Any]] = []

    def pass_on(socket: WebSocketRoute) -> None:
        """The real server, which has no command yet that puts somebody out."""
        server = socket.connect_to_server()

        def take(frame: str | bytes) -> None:
            commands.append(json.loads(frame))
            server.send(frame)

        socket.on_message(take)
        sockets.append(socket)

    def count(kind: str) -> int:
        return sum(command["type"] == kind for command in commands)

    ada = come("ada")
    ada.page.route_web_socket(re.compile("/ws$"), pass_on)
    ada.enter(room)
    kicked = {"kind": "kicked", "seq": 2, "at": 1_690_729_200_000, "by": "ben", "user": "eve"}
    sockets[0].send(json.dumps({"type": "events", "room": room, "events": [kicked]}))
    expect(ada.page.locator("hub-timeline")).to_contain_text("eve was put out of the room by ben.")
    joins = count("join")
    sockets[0].send(json.dumps({"type": "left", "room": room, "put_out": True}))
    expect(ada.page.locator("hub-toast")).to_contain_text(f"You were put out of # {room}.")
    expect(ada.page.locator("hub-lobby")).to_be_visible()
    sockets[0].close()
    until(lambda: count("hello") == 2 and commands[-1]["type"] != "hello", "it is back", ada.page)
    assert count("join") == joins
