"""What waits for the program: bounded, in order, and never in the way of an answer."""

from __future__ import annotations

import asyncio

import pytest

from hubbub.client.inbox import Inbox
from hubbub.client.updates import (
    Connected,
    Disconnected,
    Entered,
    Happened,
    RoomReset,
    SomeoneIsTyping,
    Update,
)
from hubbub.domain.events import Said
from hubbub.domain.replies import Limits


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def said(seq: int) -> Happened:
    return Happened("tea", Said(seq, 0, "ben", str(seq)))


def connected(user: str) -> Connected:
    return Connected(user, "Hubbub", "log", Limits(1, 1, 1, 1, 1, 1))


LOST = Disconnected("It broke.", "lost", 1.0, 1)
TYPING = SomeoneIsTyping("tea", "ben")


class Opened:
    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


def full_inbox(most: int = 10) -> tuple[Inbox, Clock, Opened]:
    clock, opened = Clock(), Opened()
    inbox = Inbox(clock, opened, most=most, patience=5)
    for seq in range(most):
        inbox.put(said(seq))
    return inbox, clock, opened


def nothing() -> bool:
    return False


async def test_updates_are_taken_in_order_and_the_end_is_told() -> None:
    inbox = Inbox(Clock(), lambda: None)
    assert await inbox.admits(nothing)
    inbox.put(said(1))
    inbox.put(LOST)
    inbox.end()
    assert [await inbox.take() for _ in range(4)] == [said(1), LOST, None, None]


async def test_who_takes_waits_for_the_next_update() -> None:
    inbox = Inbox(Clock(), lambda: None)
    taking = asyncio.create_task(inbox.take())
    await asyncio.wait((taking,), timeout=0)
    assert not taking.done()
    inbox.put(said(1))
    assert await taking == said(1)


async def test_the_error_that_ended_it_is_raised_after_the_last_update() -> None:
    inbox = Inbox(Clock(), lambda: None)
    inbox.put(said(1))
    inbox.end(ZeroDivisionError())
    assert await inbox.take() == said(1)
    with pytest.raises(ZeroDivisionError):
        await inbox.take()


async def test_a_full_inbox_admits_events_again_when_half_of_it_is_taken() -> None:
    inbox, _, opened = full_inbox()
    waiting = asyncio.create_task(inbox.admits(nothing))
    for _ in range(4):
        await inbox.take()
    await asyncio.wait((waiting,), timeout=0)
    assert (waiting.done(), opened.times) == (False, 0)
    await inbox.take()
    assert await waiting
    assert opened.times == 1


async def test_reading_does_not_wait_longer_than_is_good_for_pings() -> None:
    inbox, clock, _ = full_inbox()
    clock.now = 5.0
    assert not await inbox.admits(nothing)


async def test_reading_does_not_wait_when_an_answer_is_expected() -> None:
    inbox, _, _ = full_inbox()
    assert not await inbox.admits(lambda: True)


async def test_reading_goes_on_when_an_answer_is_expected_from_now_on() -> None:
    inbox, _, _ = full_inbox()
    asked: list[str] = []
    reading = asyncio.create_task(inbox.admits(lambda: bool(asked)))
    await asyncio.wait((reading,), timeout=0)
    assert not reading.done()
    asked.append("say")
    inbox.nudge()
    assert not await reading


async def test_a_full_inbox_keeps_the_newest_state_only() -> None:
    inbox, _, _ = full_inbox()
    for number in range(1000):
        inbox.put(LOST)
        inbox.put(connected(str(number)))
        inbox.put(RoomReset("tea"))
        inbox.put(Entered("tea", (), number, 0))
        inbox.put(TYPING)
    inbox.end()
    left: list[Update | None] = [await inbox.take() for _ in range(14)]
    assert left[10:] == [connected("999"), RoomReset("tea"), Entered("tea", (), 999, 0), None]


async def test_events_of_a_frame_that_was_admitted_are_all_kept() -> None:
    inbox, _, _ = full_inbox()
    inbox.put(said(10))
    inbox.put(said(11))
    taken = [await inbox.take() for _ in range(12)]
    assert taken == [said(seq) for seq in range(12)]
    assert inbox.empty
