"""What networks are hashed with is kept, and so bans of networks hold behind a restart."""

from __future__ import annotations

from hubbub.hub.networks import Networks
from tests.storage.conftest import OpenLog
from tests.storage.talk import Talk


async def test_a_network_has_the_same_hash_after_a_restart(talk: Talk, reopen: OpenLog) -> None:
    networks = Networks(talk.log)
    await networks.load()
    assert networks.of("192.0.2.7") is None
    await talk.settle(*networks.prepare())
    before = networks.of("192.0.2.7")
    assert before is not None
    again = Networks(await reopen())
    await again.load()
    assert again.of("192.0.2.7") == before
    assert again.of("192.0.2.8") != before
