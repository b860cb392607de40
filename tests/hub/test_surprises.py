"""A log that has more than it told of: a commit that it reported as failed was saved after all."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hubbub.domain.errors import LogUnavailable
from hubbub.hub import journal
from hubbub.hub.ports import Settled
from hubbub.hub.settings import HubSettings
from tests.hub.chat import Chat, Person, chatting
from tests.memorylog.log import Disk, MemoryLog

GRACE = HubSettings().leave_grace_seconds


class ForgetfulLog(MemoryLog):
    """Saves what it reports as refused: the answer to the COMMIT was lost."""

    forgets = False

    def commit(self, limit: int | None = None) -> None:
        if not self.forgets:
            super().commit(limit)
            return
        tell, self._listener = self._listener, lambda settled: None
        forgotten = self._queue[:limit]
        super().commit(limit)
        self._listener = tell
        if forgotten:
            tell([Settled(entry, error=LogUnavailable("Who knows.")) for entry in forgotten])


@pytest.fixture
async def chat() -> AsyncIterator[Chat]:
    def log(disk: Disk | None) -> MemoryLog:
        return ForgetfulLog(disk=disk)

    async with chatting(log=log) as chat:
        yield chat


def forget(chat: Chat, limit: int | None = None) -> None:
    """Saves what waits, and reports it as refused."""
    assert isinstance(chat.log, ForgetfulLog)
    chat.log.forgets = True
    chat.log.commit(limit)
    chat.log.forgets = False


async def a_leave_that_was_forgotten(chat: Chat) -> tuple[Person, Person]:
    """By the log, ben has left; he is here, and his join is on its way."""
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ben.leave()
    forget(chat)
    ben.join(after=2)
    ada.say("look who is here")
    chat.commit()
    await chat.quiet()
    return ada, ben


async def test_what_is_missing_is_shown_before_what_came_after_it(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ada.news()
    ada.say("forgotten", nonce="1")
    forget(chat)
    assert ada.news() == ["error log-unavailable 1"]
    ada.say("next", nonce="2").ping()
    chat.commit()
    assert ada.news() == [], "nobody is shown a hole"
    await chat.quiet()
    assert ada.news() == [
        "General 3 ada: forgotten",
        "General 4 ada: next",
        "ack General 4 2",
        "pong",
    ]
    assert ben.story() == chat.story()


async def test_a_resend_of_what_was_forgotten_is_shown_to_all(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ada.say("forgotten", nonce="1")
    forget(chat)
    ada.say("forgotten", nonce="1")
    chat.commit()
    await chat.quiet()
    assert ben.story() == chat.story() == ["1 ada joined", "2 ben joined", "3 ada: forgotten"]
    assert ada.news()[-2:] == ["General 3 ada: forgotten", "ack General 3 1"]


async def test_resends_in_another_order_are_shown_in_the_order_of_the_log(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    for nonce in "123":
        ada.say(f"text {nonce}", nonce=nonce)
    forget(chat)
    for nonce in "3412":
        ada.say(f"text {nonce}", nonce=nonce)
    chat.commit()
    await chat.quiet()
    assert chat.story()[2:] == [f"{2 + number} ada: text {number}" for number in (1, 2, 3, 4)]
    assert ben.story() == ada.story() == chat.story()
    assert [word for word in ada.news() if word.startswith("ack")] == [
        "ack General 5 3",
        "ack General 6 4",
        "ack General 3 1",
        "ack General 4 2",
    ]


async def test_holes_behind_holes_are_filled(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    for number in range(8):
        ada.say(f"text {number}")
        if number % 3 == 2:
            chat.commit()
        else:
            forget(chat)
    ada.say("the last one")
    chat.commit()
    await chat.quiet()
    assert ben.story() == ada.story() == chat.story()
    assert len(chat.story()) == 2 + 9


async def test_other_rooms_do_not_wait(chat: Chat) -> None:
    ada = chat.enter("ada", "General", "Kitchen")
    ada.say("forgotten")
    forget(chat)
    ada.say("late").say("in time", "Kitchen")
    chat.commit()
    assert ada.news()[1:] == ["Kitchen 2 ada: in time", "ack Kitchen 2"]
    await chat.quiet()
    assert ada.news() == ["General 2 ada: forgotten", "General 3 ada: late", "ack General 3"]


async def test_what_is_missing_is_asked_for_until_it_can_be_read(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "RETRY_SECONDS", 0.0)
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ada.say("forgotten")
    forget(chat)
    chat.log.readable = False
    for number in range(3):
        ada.say(f"text {number}")
        chat.commit()
        await chat.quiet()
    assert chat.hub.stats()["texts_waiting"] == 3, "they count as on their way"
    chat.log.readable = True
    await chat.quiet()
    assert chat.hub.stats()["texts_waiting"] == 0
    assert ben.story() == ada.story() == chat.story()


async def test_who_joins_while_a_hole_is_being_filled_joins_once(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben")
    ada.say("forgotten")
    forget(chat)
    ben.join()
    chat.commit()
    assert ben.news() == []
    await chat.quiet()
    assert chat.log.waiting == 0
    assert chat.story() == ["1 ada joined", "2 ada: forgotten", "3 ben joined"]
    assert ben.story() == ada.story() == chat.story()


async def test_a_join_that_was_saved_but_refused_is_followed_by_a_leave(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben")
    ben.join()
    forget(chat)
    assert ben.news() == ["error log-unavailable"]
    ada.say("is somebody there?")
    chat.commit()
    await chat.quiet()
    chat.commit()
    assert chat.members() == ["ada"]
    assert ada.story() == chat.story()
    assert chat.story()[1:] == ["2 ben joined", "3 ada: is somebody there?", "4 ben left"]


async def test_a_leave_that_was_saved_but_refused_is_mended_for_who_came_back(chat: Chat) -> None:
    ada, ben = await a_leave_that_was_forgotten(chat)
    chat.commit()
    await chat.quiet()
    assert chat.members() == ["ada", "ben"]
    assert chat.story()[2:] == ["3 ben left", "4 ada: look who is here", "5 ben joined"]
    assert ada.story() == ben.story() == chat.story()


async def test_who_is_seated_again_is_not_asked_of_the_log_for_ever(chat: Chat) -> None:
    """A log that refuses at once, as a closed one does, would keep the loop busy with it."""
    ada, ben = await a_leave_that_was_forgotten(chat)
    assert chat.drafts == 1
    chat.fail()
    assert chat.drafts == 0
    chat.pass_time(2.0)
    chat.commit()
    await chat.quiet()
    assert chat.members() == ["ada", "ben"]
    assert ada.story() == ben.story() == chat.story()


async def test_a_reader_that_is_behind_a_hole_gets_everything(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ben.stop_reading()
    ada.say("forgotten")
    forget(chat)
    ada.say("next")
    chat.commit()
    ben.read_on()
    await chat.quiet()
    ben.stop_reading()
    ben.read_on()
    await chat.quiet()
    assert ben.story() == chat.story()


async def test_a_seat_that_was_cleared_away_takes_nobody_from_the_room(chat: Chat) -> None:
    """The leave that it owed was saved after all; by the time it is due, ben is back."""
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    ben.leave()
    forget(chat)
    ada.say("is ben gone?")
    chat.commit()
    await chat.quiet()
    ben.join()
    chat.commit()
    await chat.quiet()
    chat.pass_time(2.0)  # the leave is tried again, if it is owed
    chat.commit()
    await chat.quiet()
    assert chat.members() == ["ada", "ben"]
    assert chat.story()[-1] == "5 ben joined"


async def test_who_is_seated_again_is_asked_to_wait_with_a_text(chat: Chat) -> None:
    """Not sent away: a client would give a text up that is refused for good."""
    _, ben = await a_leave_that_was_forgotten(chat)
    ben.news()
    ben.say("me", nonce="1")
    assert ben.news() == ["error log-unavailable 1"]
    chat.commit()
    ben.say("me", nonce="1")
    chat.commit()
    assert ben.news()[-1] == "ack General 6 1"
