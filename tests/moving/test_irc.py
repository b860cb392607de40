"""Logs of WeeChat and irssi."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hubbub.domain.events import Said, TopicSet
from hubbub.moving.choices import Choices
from hubbub.moving.errors import BadFile
from hubbub.moving.formats import open_source
from hubbub.moving.irc import without_date
from hubbub.moving.stream import Message, Room
from tests.moving.samples import IRSSI, WEECHAT, items_of
from tests.moving.servers import in_memory


@pytest.fixture
def weechat(tmp_path: Path) -> Path:
    path = tmp_path / "irc.libera.#hubbub.weechatlog"
    path.write_text(WEECHAT)
    return path


@pytest.fixture
def irssi(tmp_path: Path) -> Path:
    path = tmp_path / "irclogs" / "libera" / "#hubbub.log"
    path.parent.mkdir(parents=True)
    path.write_text(IRSSI)
    return path


async def test_a_log_of_weechat_becomes_a_room_of_people_without_accounts(weechat: Path) -> None:
    async with in_memory() as place:
        report = await place.take(weechat, Choices())
        events = await place.events("hubbub")
        assert await place.texts("hubbub") == [
            ("ada", "hello all", None),
            ("ada", "hello all", None),
            ("ben", "/me waves at ada", None),
            ("ben", "bold red", None),
        ]
        assert not place.hub.access.directory.state.members
    assert [one.topic for one in events if isinstance(one, TopicSet)] == ["cake"]
    assert [one.at for one in events if isinstance(one, Said)][::3] == [
        1697140930000,
        1697140933500,
    ]
    assert report.skipped == {
        "lines of the program's own, and notices": 2,
        "lines of who came, left or changed the name": 3,
    }


async def test_a_log_of_irssi_knows_its_days(irssi: Path) -> None:
    async with in_memory() as place:
        await place.take(irssi.parent.parent, Choices())
        events = await place.events("hubbub")
        assert await place.texts("hubbub") == [
            ("ada", "hello all", None),
            ("ben", "hi <ada>", None),
            ("ben", "/me waves at ada", None),
            ("ada", "next day", None),
        ]
    assert events[0].at == 1697140920000
    assert events[-1].at == 1697155290000


async def test_nicknames_get_accounts_if_that_is_wanted(weechat: Path) -> None:
    async with in_memory() as place:
        report = await place.take(weechat, Choices(accounts=True))
        assert {one.name for one in place.hub.access.directory.state.members.values()} == {
            "ada",
            "ben",
        }
    assert all(one.new for one in report.people)


async def test_a_log_that_has_grown_brings_what_is_new(weechat: Path) -> None:
    async with in_memory() as place:
        await place.take(weechat, Choices())
        with weechat.open("a") as log:
            log.write("2023-10-12 20:02:15\tada\thello all\n")
        report = await place.take(weechat, Choices())
        assert len(await place.texts("hubbub")) == 5
    assert (report.added, report.again) == (1, 4)


def test_times_are_in_the_zone_of_the_log(weechat: Path) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    times = []
    for zone in (UTC, berlin):
        with open_source(weechat, zone=zone) as source:
            times.append([one.at for one in source.items() if isinstance(one, Message)])
    assert [one - other for one, other in zip(*times, strict=True)] == [7_200_000] * 3 + [0]


def test_logs_of_several_years_are_one_room(tmp_path: Path) -> None:
    for year in ("2022", "2023"):
        line = f"{year}-01-01 00:00:00\tada\thello\n"
        (tmp_path / f"irc.libera.#hubbub.{year}.weechatlog").write_text(line)
    found = items_of(tmp_path)
    assert [one.name for one in found if isinstance(one, Room)] == ["#hubbub"]
    assert len([one for one in found if isinstance(one, Message)]) == 2


def test_conversations_of_two_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "irc.libera.ben.weechatlog").write_text("2022-01-01 00:00:00\tben\thello\n")
    (room,) = [one for one in items_of(tmp_path) if isinstance(one, Room)]
    assert (room.name, room.direct, room.private) == ("ben", True, True)


def test_old_letters_are_read(tmp_path: Path) -> None:
    path = tmp_path / "irc.x.#a.weechatlog"
    path.write_bytes("2022-01-01 00:00:00\tben\tgrüße\r\n".encode("cp1252"))
    assert [one.text for one in items_of(path) if isinstance(one, Message)] == [("grüße",)]


@pytest.mark.parametrize(
    "line, told",
    [
        ("hello", "line 11: This is no line of a log of WeeChat's"),
        ("2023-99-12 20:02:08\tada\thello", "line 11: This is no line of a log of WeeChat's"),
    ],
)
def test_what_is_no_line_of_weechats_is_told(weechat: Path, line: str, told: str) -> None:
    weechat.write_text(WEECHAT + line)
    with pytest.raises(BadFile, match=told):
        items_of(weechat)


@pytest.mark.parametrize(
    "line, told",
    [
        ("hello", "line 11: This is no line of a log of irssi's"),
        ("25:00 <ada> hello", "line 11: There is no such time: 25:00"),
        ("--- Day changed Fr Okt 13 2023", "line 11: This is no day: 'Fr Okt 13 2023'"),
        ("--- Day changed Fri Feb 30 2023", "line 11: There is no such day"),
    ],
)
def test_what_is_no_line_of_irssis_is_told(irssi: Path, line: str, told: str) -> None:
    irssi.write_text(IRSSI + line)
    with pytest.raises(BadFile, match=told):
        items_of(irssi)


def test_a_log_of_irssi_without_a_day_is_told(tmp_path: Path) -> None:
    path = tmp_path / "#a.log"
    path.write_text("20:02 < ada> hello\n")
    with pytest.raises(BadFile, match="Nothing says which day it is"):
        items_of(path, "irssi")


@pytest.mark.parametrize(
    "name", ["#a.2023", "#a.2023-01", "#a-20230131", "#a_2023-01-31", "#a.01-31"]
)
def test_dates_in_names_of_files_are_no_part_of_the_channel(name: str) -> None:
    assert without_date(name) == "#a"
    assert without_date("#python3.12") == "#python3.12"
