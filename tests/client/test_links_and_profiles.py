"""Links by their codes, the second factor, and what the server tells of people by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from pyotp import TOTP

from hubbub.client import BadMessage, BadTicket, NeedCode, NoSuchRoom, RoomAccess, connect
from hubbub.client.protocol import Protocol
from hubbub.client.updates import Connected, PresenceChanged, ProfileChanged
from hubbub.domain import commands as ask
from hubbub.domain import replies
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import Profile, Status
from tests.client.test_accounts import _code
from tests.client.test_protocol import WELCOME
from tests.process import ServerProcess

SECRET = "correct horse battery"
OTHER = "another long secret"


@pytest.fixture
def process(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "data", "--rate-limit", "0") as process:
        yield process


def where(process: ServerProcess) -> str:
    return f"127.0.0.1:{process.port}"


async def test_the_code_of_a_link_lets_into_a_private_room(process: ServerProcess) -> None:
    club = RoomName.parse("Club")
    async with (
        connect(where(process), user="ada") as ada,
        connect(where(process), user="ben") as ben,
    ):
        await ada.account.register(SECRET)
        await ada.join("Club")
        await ada.moderation.set_rules("Club", access=RoomAccess.MEMBERS)
        given = await ada.do(ask.MakeTicket(room=club))
        assert isinstance(given, replies.TicketGiven)
        with pytest.raises(NoSuchRoom):
            await ben.join("Club")
        with pytest.raises(NoSuchRoom):
            await ben.join("Club", invite="wrong")
        entered = await ben.join("Club", invite=given.code)
        assert entered.room == "Club"


async def test_a_second_factor_is_turned_on_and_asked_for_and_a_link_chooses_a_new_password(
    process: ServerProcess,
) -> None:
    async with connect(where(process), user="ada") as ada:
        await ada.account.register(SECRET)
        await ada.account.own(await _code(process))
        async with connect(where(process), user="ben") as ben:
            await ben.account.register(SECRET)
            offered = await ben.do(ask.BeginFactor(password=SECRET))
            assert isinstance(offered, replies.FactorOffered)
            codes = await ben.do(ask.ConfirmFactor(code=TOTP(offered.secret).now()))
            assert isinstance(codes, replies.RecoveryCodes)
        name = UserName.parse("ben")
        link = await ada.do(ask.MakeTicket(room=DIRECTORY, user=name))
        assert isinstance(link, replies.TicketGiven)
    async with connect(where(process)) as ben:
        with pytest.raises(BadMessage):
            await ben.hello("ben", reset=link.code)
        with pytest.raises(BadTicket):
            await ben.hello("ben", password=OTHER, reset="wrong")
        with pytest.raises(NeedCode):
            await ben.hello("ben", password=OTHER, reset=link.code)
        assert await ben.hello("ben", password=OTHER, code=codes.codes[0]) == "ben"


def test_who_is_away_and_our_profile_are_told_as_the_server_says_them() -> None:
    protocol = Protocol()
    profile = Profile(about="tea", status=Status.BUSY)
    (connected,) = protocol.connected(replace(WELCOME, account=True, profile=profile), now=0.0)
    assert isinstance(connected, Connected)
    assert connected.profile == profile
    protocol.join("Lab")
    told = replies.Presence(room="Lab", user="ben", status=Status.AWAY, note="lunch")
    assert protocol.receive(told, 0.0) == [
        PresenceChanged("Lab", "ben", here=True, status=Status.AWAY, note="lunch")
    ]
    assert protocol.receive(replace(told, room="Elsewhere"), 0.0) == []
    changed = replies.ProfileChanged(profile=Profile())
    assert protocol.receive(changed, 0.0) == [ProfileChanged(Profile())]
