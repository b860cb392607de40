"""Who keeps a server is warned in time: once, and again after a day."""

from __future__ import annotations

from collections.abc import AsyncIterator, Container
from typing import Any

import pytest

from hubbub.admin.tasks import Desk
from hubbub.admin.warnings import Tell, Watch
from hubbub.config import Settings
from hubbub.domain.ids import UserId
from hubbub.hub.ports import DiskState
from hubbub.hub.services import Services
from hubbub.storage.backup.daily import DailyState
from tests.hub.chat import NOON, Chat, chatting
from tests.hub.people import account, server_owner

DAY = 86_400


class Daily:
    """Backups, of which the last one failed or not."""

    def __init__(self, error: str | None = None) -> None:
        self.state = DailyState(place="/backups", error=error)


@pytest.fixture
async def chat() -> AsyncIterator[Chat]:
    async with chatting() as chat:
        yield chat


def desk(chat: Chat, daily: Any = None, ends: int | None = None, **settings: Any) -> Desk:
    return Desk(
        chat.hub,
        Settings(data=None, **settings),
        folder=None,
        url=lambda: "",
        serving=True,
        daily=daily,
        certificate_ends=lambda: ends,
    )


ROOT = UserId("r00t")


def to_root(told: list[str]) -> Tell:
    """An administrator who is here, unless told already."""

    def tell(hub: Services, message: str, but: Container[UserId]) -> set[UserId]:
        if ROOT in but:
            return set()
        told.append(message)
        return {ROOT}

    return tell


def with_free(chat: Chat, free: int) -> None:
    async def look() -> DiskState:
        return DiskState(free)

    chat.log.look_at_disk = look  # type: ignore[method-assign]


async def test_a_disk_that_fills_up_is_told_once_a_day(chat: Chat) -> None:
    told: list[str] = []
    watch = Watch(desk(chat, disk_warning_bytes=1 << 30), to_root(told))
    with_free(chat, 2 << 30)
    await watch.look()
    assert told == []
    with_free(chat, 500 << 20)
    await watch.look()
    await watch.look()
    (said,) = told
    assert said.startswith("The disk of this server has 500 MiB left.")
    chat.seconds += DAY - 1
    await watch.look()
    assert len(told) == 1
    chat.seconds += 1
    await watch.look()
    assert len(told) == 2
    with_free(chat, 2 << 30)
    await watch.look()
    with_free(chat, 500 << 20)
    await watch.look()
    assert len(told) == 3


async def test_backups_that_fail_and_a_certificate_that_ends_are_told(chat: Chat) -> None:
    told: list[str] = []
    ends = NOON + 3 * DAY * 1000
    await Watch(desk(chat, Daily("the disk is full."), ends), to_root(told)).look()
    assert told == [
        "The daily backup failed: the disk is full.",
        "The server's certificate ends in 3 days.",
    ]
    told.clear()
    await Watch(desk(chat, Daily(), NOON + 30 * DAY * 1000), to_root(told)).look()
    assert told == []
    await Watch(desk(chat, ends=NOON - 1), to_root(told)).look()
    assert told == ["The server's certificate has ended: clients refuse it."]


async def test_who_comes_later_is_told_then(chat: Chat) -> None:
    watch = Watch(desk(chat))
    with_free(chat, 0)
    await watch.look()
    root = await server_owner(chat)
    assert root.news() == []
    await watch.look()
    await watch.look()
    assert len(root.news()) == 1


async def test_administrators_who_are_here_are_told_and_nobody_else(chat: Chat) -> None:
    root = await server_owner(chat)
    ada, ben = await account(chat, "ada"), chat.enter("ben", "General")
    for person in (root, ada, ben):
        person.news()
    with_free(chat, 0)
    await Watch(desk(chat)).look()
    assert root.news() == [
        "warning: The disk of this server has 0 MiB left. Below 64 MiB nothing can be saved any "
        "more. Make room, or let old messages go (hubbub admin retention)."
    ]
    assert ada.news() == ben.news() == []
