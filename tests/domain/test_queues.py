from __future__ import annotations

import pytest

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import InvalidName
from hubbub.domain.names import RoomName
from hubbub.domain.queues import NOWHERE, is_hidden, is_queue, queue_of


def test_a_queue_has_a_name_that_no_room_can_have() -> None:
    queue = queue_of(RoomName.parse("Lab"))
    assert (queue, queue.key) == ("/queue/lab", "/queue/lab")
    for name in (queue, NOWHERE):
        assert is_queue(name)
        with pytest.raises(InvalidName):
            RoomName.parse(str(name))


@pytest.mark.parametrize(
    "name, hidden",
    [
        (queue_of(RoomName.parse("ß")), True),
        (NOWHERE, True),
        (DIRECTORY, True),
        (RoomName.parse("queue"), False),
        (RoomName.parse("@ada"), False),
    ],
)
def test_logs_of_the_servers_own_are_no_rooms_to_people(name: RoomName, hidden: bool) -> None:
    assert is_hidden(name) is hidden
    assert is_queue(name) is (hidden and name is not DIRECTORY)
