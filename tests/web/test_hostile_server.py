"""What answers the page's WebSocket is hostile: the page stays usable."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from playwright.sync_api import WebSocketRoute, expect

from tests.client.hostile_server import EVIL, LIMITS, events, said
from tests.web.browsing import Person, until

Come = Callable[..., Person]


# Notes that it was shown that somebody types, which is over when a busy machine looks at last.
TYPED = """new MutationObserver(() => {
  window.typed ||= document.querySelector(".typing")?.textContent.includes("typing");
}).observe(document, { subtree: true, childList: true, characterData: true });"""


class Hostile:
    """Answers as a server does, then with what ``answers`` has for a command's type."""

    def __init__(self, **answers: Callable[[dict[str, Any]], list[Any]]) -> None:
        self.got: list[dict[str, Any]] = []
        self._answers = answers

    def meet(self, socket: WebSocketRoute) -> None:
        def take(data: str | bytes) -> None:
            command = json.loads(data)
            self.got.append(command)
            for frame in self._of(command):
                socket.send(frame if isinstance(frame, str) else json.dumps(frame))

        socket.on_message(take)

    def count(self, kind: str) -> int:
        return sum(command["type"] == kind for command in self.got)

    def _of(self, command: dict[str, Any]) -> list[Any]:
        kind, re = command["type"], command.get("id")
        if kind in self._answers:
            return self._answers[kind](command)
        room = command.get("room")
        joined = {"type": "joined", "re": re, "room": room, "users": ["ada"], "head": 0, "after": 0}
        user = {"user": command.get("user"), "token": "t", "server": "s", "log": "l"}
        known: dict[str, dict[str, Any]] = {
            "hello": {"type": "welcome", "re": re, **user, "limits": LIMITS, "features": []},
            "join": joined,
            "rooms": {"type": "rooms", "re": re, "rooms": []},
            "say": {"type": "ack", "re": re, "room": room, "seq": 1, "at": 1},
            "ping": {"type": "pong", "re": re},
        }
        return [known[kind]] if kind in known else []


def come_to(ada: Person, hostile: Hostile, room: str) -> None:
    ada.page.route_web_socket(re.compile("/ws$"), hostile.meet)
    ada.enter(room)


def test_frames_that_are_none_or_tell_too_much_are_left_out(come: Come, room: str) -> None:
    def flood(command: dict[str, Any]) -> list[Any]:
        joined = {"type": "joined", "re": command["id"], "room": room, "head": 0, "after": 0}
        nothing: list[Any] = ["{", "null", "[]", "7", '"x"', "{}", '{"type":[]}', "[" * 5000]
        wrong: list[Any] = [
            {"type": "events", "room": room},
            {"type": "events", "room": room, "events": [None, 1]},
            {"type": "events", "room": room, "events": {"length": 9}},
            events(said(2**60), room=room),
            events(said(1, "x" * 100_001), room=room),
            events(said(1, by="x" * 257), room=room),
            events({**said(1), "at": 9e15}, room=room),
            events({**said(1), "at": "now"}, room=room),
            {"type": "history", "re": command["id"], "room": room, "head": 1, "events": [said(1)]},
            {"type": "typing", "room": room, "by": {"x": 1}},
            {"type": "error", "code": "x", "message": "x" * 5000},
            {"type": "read", "room": 7, "seq": "x"},
        ]
        noise = [{"type": "typing", "room": room, "by": f"eve{number}"} for number in range(3000)]
        last = events(said(1, f"still {EVIL} here"), said(2, "the end"), room=room)
        return [joined | {"users": ["ada"]}, *nothing, *wrong, *noise, last]

    ada = come("ada")
    ada.page.add_init_script(TYPED)
    come_to(ada, Hostile(join=flood), room)
    ada.hears("the end")
    shown = "".join(ada.page.locator(".text").all_inner_texts())
    assert not set(shown) & set("\x1b\x07\x9b\u202e\u2066")
    until(lambda: bool(ada.page.evaluate("() => window.typed")), "somebody types", ada.page)


UNWELCOME: tuple[dict[str, Any], ...] = (
    {"features": 7},
    {"limits": None},
    {"limits": LIMITS | {"rate": "x", "burst": []}},
    {"user": {"toString": 1}},
    {"type": "pong"},
)


def test_who_does_not_answer_as_a_server_does_is_asked_again_and_the_person_told(
    come: Come, room: str
) -> None:
    wrong = iter(UNWELCOME)

    def welcome(command: dict[str, Any]) -> list[Any]:
        told = {"user": command["user"], "token": "t", "server": "s", "log": "l"}
        right = {"type": "welcome", "re": command["id"], **told, "limits": LIMITS, "features": []}
        return [right | next(wrong, {})]

    ada = come("ada")
    hostile = Hostile(hello=welcome)
    page = ada.page
    page.clock.install()
    page.route_web_socket(re.compile("/ws$"), hostile.meet)
    ada.open(f"#/{room}")
    page.locator("#name").fill(ada.name)
    page.keyboard.press("Enter")
    for attempt in range(1, len(UNWELCOME) + 1):
        until(partial(lambda count: hostile.count("hello") == count, attempt), "hello", page)
        page.clock.fast_forward(30_000)
        expect(page.locator("hub-toast")).to_contain_text("does not answer as a Hubbub server does")
        page.clock.fast_forward(60_000)
    ada.inside()


def test_many_events_in_one_frame_leave_the_page_usable(come: Come, room: str) -> None:
    def flood(command: dict[str, Any]) -> list[Any]:
        joined = {"type": "joined", "re": command["id"], "room": room, "head": 0, "after": 0}
        many = [said(seq, f"text {seq}") for seq in range(1, 100_001)]
        return [joined | {"users": ["ada"]}, events(*many, room=room)]

    ada = come("ada")
    come_to(ada, Hostile(join=flood), room)
    ada.hears("text 100000")
    assert ada.page.locator(".said").count() <= 400


def test_a_server_that_says_later_and_means_now_is_not_stormed(come: Come, room: str) -> None:
    """A timer of more than 2^31 ms ends at once, one of less than nothing, too."""
    pauses = iter([-1, 1e308, 1e8, *[0] * 10_000])

    def refuse(command: dict[str, Any]) -> list[Any]:
        refused = {
            "type": "error",
            "re": command["id"],
            "code": "rate-limited",
            "message": "Later.",
        }
        return [refused | {"retry_after": next(pauses)}]

    ada = come("ada")
    hostile = Hostile(join=refuse)
    ada.page.route_web_socket(re.compile("/ws$"), hostile.meet)
    ada.open(f"#/{room}")
    ada.page.locator("#name").fill(ada.name)
    ada.page.keyboard.press("Enter")
    until(lambda: hostile.count("join") >= 1, "she asks to be let in", ada.page)
    ada.page.wait_for_timeout(1500)
    assert hostile.count("join") <= 3


def test_rights_that_no_server_gives_leave_the_page_usable(come: Come, room: str) -> None:
    roles = {"eve": "owner", EVIL: "moderator", "__proto__": "voice", "constructor": "owner"}
    standing = {"role": "owner", "owned": True, "slow": 2**53, "roles": roles}

    def join(command: dict[str, Any]) -> list[Any]:
        joined = {"type": "joined", "re": command["id"], "room": command["room"], "head": 0}
        names = ["ada", "eve", EVIL, "__proto__", "constructor"]
        wrong: list[Any] = [
            {"type": "standing", "room": room, "standing": None},
            {"type": "standing", "room": room, "standing": standing | {"role": "king"}},
            {"type": "standing", "room": room, "standing": standing | {"roles": ["eve"]}},
            {"type": "standing", "room": room, "standing": standing | {"access": "__proto__"}},
            {
                "type": "standing",
                "room": room,
                "standing": standing | {"roles": {"x" * 257: "owner"}},
            },
            {"type": "invitation", "room": 7, "by": "eve"},
            {"type": "invitation", "room": "x" * 257, "by": "eve"},
            {"type": "invitation", "room": "half \ud83d of it", "by": "eve"},
        ]
        many = [{"type": "invitation", "room": f"r{n}", "by": EVIL} for n in range(3000)]
        told = joined | {"after": 0, "users": names, "standing": standing}
        return [told, *wrong, *many, events(said(1, "the end"), room=room)]

    def bans(command: dict[str, Any]) -> list[Any]:
        one = {"seq": 1, "by": EVIL, "user": EVIL, "until": 8.64e15, "reason": "x" * 5000}
        many = [one | {"seq": seq, "until": int(8.64e15)} for seq in range(2000)]
        muted = {"__proto__": None, EVIL: 1}
        return [
            {"type": "bans", "re": command["id"], "room": "/server", "bans": many, "muted": muted}
        ]

    def audit(command: dict[str, Any]) -> list[Any]:
        kinds = [{"kind": kind, "seq": 1, "at": 1, "by": EVIL} for kind in ("__proto__", EVIL)]
        page = {"type": "history", "re": command["id"], "room": "/server", "head": 1, "first": 1}
        return [page | {"events": kinds}]

    ada = come("ada")
    come_to(ada, Hostile(join=join, bans=bans, audit=audit), room)
    ada.hears("the end")
    page = ada.page
    expect(page.locator("hub-members li")).to_have_count(5)
    expect(page.locator("hub-members .tag")).to_have_text(["voice", "moderator", "owner", "owner"])
    expect(page.locator(".invitation")).to_have_count(5)
    ada.say("/bans")
    expect(page.locator(".records li")).to_have_count(502)
    page.keyboard.press("Escape")
    ada.say("/audit")
    expect(page.locator(".records li")).to_have_count(2)
    shown = page.locator("body").inner_text()
    assert not set(shown) & set("\x1b\x07\x9b\u202e\u2066")


def test_names_and_conversations_of_a_hostile_server_are_harmless(come: Come, room: str) -> None:
    def flood(command: dict[str, Any]) -> list[Any]:
        joined = {"type": "joined", "re": command["id"], "room": command["room"]}
        place = {"head": 0, "after": 0, "users": ["ada"]}
        if command["room"] != room:
            return [joined | place | {"standing": {"access": "direct", "people": [EVIL]}}]
        wrong: list[Any] = [
            {"type": "direct", "room": "@wrong"},
            {"type": "direct", "room": "@wrong", "users": "ben", "head": 1},
            {"type": "direct", "room": "@wrong", "users": ["b" * 257], "head": 1},
            {"type": "direct", "room": "@wrong", "users": ["ben"], "head": -1},
            {"type": "moved", "room": room},
            {"type": "moved", "room": room, "name": {"x": 1}},
            {"type": "moved", "room": "no such room", "name": room},
            {"type": "bye", "reason": {}, "message": ""},
        ]
        right = {"type": "direct", "room": "@right", "users": [f"<b>{EVIL}"], "head": 0}
        return [joined | place, *wrong, right]

    def welcome(command: dict[str, Any]) -> list[Any]:
        told = {"user": command["user"], "token": "t", "server": "s", "log": "l", "account": True}
        features = ["accounts", "direct"]
        return [
            {"type": "welcome", "re": command["id"], **told, "limits": LIMITS, "features": features}
        ]

    def devices(command: dict[str, Any]) -> list[Any]:
        one = {"id": "d", "client": f"<i>{EVIL}", "address": EVIL * 40, "since": 0, "seen": 0}
        return [{"type": "devices", "re": command["id"], "devices": [one]}]

    ada = come("ada")
    come_to(ada, Hostile(join=flood, hello=welcome, devices=devices), room)
    page = ada.page
    talk = page.get_by_role("list", name="People").get_by_role("link")
    expect(talk).to_have_count(1)
    talk.click()
    expect(page.locator("hub-room h1")).not_to_contain_text(room)
    ada.say("/devices")
    expect(page.locator(".devices li")).to_have_count(1)
    shown = page.locator("body").inner_text()
    assert not set(shown) & set("\x1b\x07\x9b\u202e\u2066")
    assert page.locator("dialog i, hub-sidebar b").count() == 0
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_who_is_logged_out_again_and_again_does_not_storm_the_server(come: Come, room: str) -> None:
    def bye(command: dict[str, Any]) -> list[Any]:
        joined = {"type": "joined", "re": command["id"], "room": room, "head": 0, "after": 0}
        return [
            joined | {"users": ["ada"]},
            {"type": "bye", "reason": "logged-out", "message": "Out."},
        ]

    ada = come("ada")
    hostile = Hostile(join=bye)
    ada.page.route_web_socket(re.compile("/ws$"), hostile.meet)
    ada.open(f"#/{room}")
    ada.page.locator("#name").fill(ada.name)
    ada.page.keyboard.press("Enter")
    expect(ada.page.locator("#name-problem")).to_have_text("Out.")
    assert hostile.count("hello") == 2


def test_who_is_banned_is_told_and_does_not_come_again_by_themselves(come: Come, room: str) -> None:
    def bye(command: dict[str, Any]) -> list[Any]:
        return [{"type": "bye", "reason": "banned", "message": "You are banned for 1 hour."}]

    ada = come("ada")
    hostile = Hostile(join=bye)
    ada.page.route_web_socket(re.compile("/ws$"), hostile.meet)
    ada.open(f"#/{room}")
    ada.page.locator("#name").fill(ada.name)
    ada.page.keyboard.press("Enter")
    expect(ada.page.locator("#name-problem")).to_have_text("You are banned for 1 hour.")
    ada.page.wait_for_timeout(1500)
    assert hostile.count("hello") == 1
