"""Exports of Slack."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hubbub.domain.events import DirectBegun, Joined, Said, TopicSet
from hubbub.hub.directs import room_of
from hubbub.moving.choices import Choices
from hubbub.moving.errors import BadFile, CannotRead
from hubbub.moving.report import Outcome
from hubbub.moving.slacktext import parts_of
from hubbub.moving.stream import Mention, Part
from tests.moving.samples import items_of, slack, zipped
from tests.moving.servers import in_memory


async def test_texts_have_their_authors_times_and_answers(tmp_path: Path) -> None:
    async with in_memory() as place:
        report = await place.take(slack(tmp_path / "export"), Choices())
        events = await place.events("general")
    said = [one for one in events if isinstance(one, Said)]
    assert [(one.by, one.text, one.reply_to) for one in said] == [
        ("Anna.Meier", "hello @ben & all", None),
        ("ben", "/me waves", None),
        ("ben", "see the page (https://example.org/a), #general @here", 2),
        ("hook", "> Build 7\n> https://ci.example/7\n> red", None),
        ("Anna.Meier", "plan.pdf: https://files.example/plan.pdf", None),
        ("Anna.Meier", "next day", None),
    ]
    assert [one.at for one in said][:3] == [1500000001000, 1500000002500, 1500000003000]
    assert [one.topic for one in events if isinstance(one, TopicSet)] == ["tea & cake"]
    assert report.skipped == {"lines of who came and left": 1, "reactions": 2}
    assert [(one.name, one.account, one.new) for one in report.people] == [
        ("Anna.Meier", True, True),
        ("ben", True, True),
        ("hook", False, False),
    ]
    assert {one.name: one.outcome for one in report.rooms} == {
        "general": Outcome.NEW,
        "empty": Outcome.SKIPPED,
        "board": Outcome.SKIPPED,
        "D1": Outcome.SKIPPED,
    }


async def test_private_channels_are_for_their_members_and_direct_messages_for_two(
    tmp_path: Path,
) -> None:
    async with in_memory() as place:
        report = await place.take(slack(tmp_path / "export"))
        ids = {one.name: one.id for one in report.people}
        talk = room_of([ids["Anna.Meier"], ids["ben"]])
        board = place.hub.rooms["board"]
        assert board.ids == frozenset({ids["Anna.Meier"], ids["ben"]})
        owners = [one.role for one in await place.events("board") if isinstance(one, Joined)]
        assert [role and role.value for role in owners] == ["owner", None]
        begun = (await place.events(talk))[0]
        assert isinstance(begun, DirectBegun)
        assert set(begun.ids) == board.ids
        assert await place.texts(talk) == [("ben", "just you", None)]
        for marker in await place.hub.log.markers(ids["ben"]):
            assert marker.seq == place.hub.rooms[marker.room.key].head
        assert len(await place.hub.log.markers(ids["ben"])) == 2


@pytest.mark.parametrize("inside", ["", "My workspace/"])
async def test_an_archive_is_the_same_as_a_folder(tmp_path: Path, inside: str) -> None:
    folder = slack(tmp_path / "export")
    archive = zipped(folder, tmp_path / "export.zip", inside)
    assert items_of(archive) == items_of(folder)


def test_what_is_no_file_of_slacks_is_told_with_its_line(tmp_path: Path) -> None:
    folder = slack(tmp_path / "export")
    day = folder / "general" / "2017-07-15.json"
    day.write_text('[\n  {"ts": "1.0", "user": "U1", "text": "a"},\n  {"ts": []}\n]')
    with pytest.raises(BadFile, match=r"2017-07-15.json, line 3: This is not what was expected"):
        items_of(folder)
    day.write_text('[\n  {"ts": "1.0", "user": "U1",\n')
    with pytest.raises(BadFile, match=r"line 3: This is no JSON"):
        items_of(folder)
    day.write_text(json.dumps([{"ts": "1.0", "user": 5}]))
    with pytest.raises(BadFile, match="This is not what was expected"):
        items_of(folder)


def test_days_of_a_channel_that_is_in_no_list_are_told(tmp_path: Path) -> None:
    folder = slack(tmp_path / "export")
    (folder / "general").rename(folder / "other")
    with pytest.raises(BadFile, match='No list of channels has one that is called "other"'):
        items_of(folder)


def test_an_archive_that_is_damaged_is_told(tmp_path: Path) -> None:
    archive = zipped(slack(tmp_path / "export"), tmp_path / "export.zip")
    data = archive.read_bytes()
    archive.write_bytes(data[: len(data) // 2])
    with pytest.raises(CannotRead, match="damaged archive"):
        items_of(archive)


@pytest.mark.parametrize(
    "text, parts",
    [
        ("a &lt;b&gt; &amp;amp; c", ["a <b> &amp; c"]),
        ("<@U1|anna>", ["", Mention("U1", "anna"), ""]),
        ("<mailto:a@b.c|a@b.c>", ["", "a@b.c", ""]),
        ("<http://b.c|b.c>", ["", "http://b.c", ""]),
        ("<!subteam^S1|@devs>", ["", "@devs", ""]),
        ("<!date^1^{date}|today>", ["", "today", ""]),
        ("1 < 2 > 0", ["1 ", "< 2 >", " 0"]),
        ("<neither>", ["", "<neither>", ""]),
    ],
)
def test_signs_of_slack_become_signs_of_texts(text: str, parts: list[Part]) -> None:
    assert list(parts_of(text, {})) == parts
