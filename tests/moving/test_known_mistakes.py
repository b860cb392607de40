"""Mistakes that other programs were known for when they take what a third one has exported."""

from __future__ import annotations

import json
import unicodedata
import zipfile
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hubbub.moving.choices import Choices
from hubbub.moving.errors import CannotImport
from hubbub.moving.formats import open_source
from hubbub.moving.slackblocks import block_lines
from hubbub.moving.stream import Message
from tests.moving.samples import WEECHAT, discord, discord_message, items_of, slack
from tests.moving.servers import Place, in_memory

SECOND = 1000
MINUTE = 60 * SECOND


def slack_of(folder: Path, *messages: dict[str, Any], **lists: list[dict[str, Any]]) -> Path:
    """An export of Slack with these messages in #general; ``lists`` instead of those it has."""
    path = slack(folder)
    for day in (path / "general").iterdir():
        day.unlink()
    (path / "general" / "2017-07-14.json").write_text(json.dumps(messages))
    for name, rows in lists.items():
        (path / f"{name}.json").write_text(json.dumps(rows))
    return path


def packed_on_a_mac(folder: Path, path: Path, inside: str = "") -> Path:
    """As Finder packs it: with what it knows of each file beside it, and names without a mark."""
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*.json")):
            name = unicodedata.normalize("NFD", inside + str(file.relative_to(folder)))
            archive.writestr(Unmarked(name), file.read_bytes())
            above, slash, last = name.rpartition("/")
            archive.writestr(Unmarked(f"__MACOSX/{above}{slash}._{last}"), b"\0\5\x16\7")
        archive.writestr(f"{inside}.DS_Store", b"\0\0\0\1Bud1")
    return path


class Unmarked(zipfile.ZipInfo):
    """A file whose name is in UTF-8, without the archive's saying so."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - what zipfile asks
        return self.filename.encode(), 0


async def texts_of(path: Path) -> list[tuple[str, str, int | None]]:
    async with in_memory() as place:
        await place.take(path)
        return await place.texts("general")


# Files that somebody's computer has put beside the others, or written in its own way


@pytest.mark.parametrize("inside", ["", "My export/"])
@pytest.mark.parametrize("program", ["slack", "discord"])
def test_what_a_mac_packs_along_is_not_read(tmp_path: Path, program: str, inside: str) -> None:
    folder = tmp_path / "export"
    if program == "slack":
        slack(folder)
    else:
        discord(folder / "a.json")
        discord(folder / "b.json", id="6", name="other")
    packed = packed_on_a_mac(folder, tmp_path / "export.zip", inside)
    assert items_of(packed) == items_of(folder)


def test_what_lies_hidden_in_a_folder_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "irc.libera.#hubbub.weechatlog"
    path.write_text(WEECHAT)
    before = items_of(tmp_path)
    for name in (f"._{path.name}", ".DS_Store", "Thumbs.db", "desktop.ini"):
        (tmp_path / name).write_bytes(b"\0\5\x16\7")
    assert items_of(tmp_path) == before


@pytest.mark.parametrize("packed", [False, True])
def test_a_channel_with_an_accent_is_found_on_a_disk_that_writes_it_apart(
    tmp_path: Path, packed: bool
) -> None:
    folder = slack_of(
        tmp_path / "export",
        {"user": "U1", "ts": "1.0", "text": "hi"},
        channels=[{"id": "C1", "name": "zufällig"}],
    )
    (folder / "general").rename(folder / unicodedata.normalize("NFD", "zufällig"))
    path = packed_on_a_mac(folder, tmp_path / "export.zip") if packed else folder
    assert next(one.room for one in items_of(path) if isinstance(one, Message)) == "C1"


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_log_that_an_editor_has_saved_with_its_mark_is_read(tmp_path: Path, end: bytes) -> None:
    plain = tmp_path / "plain"
    marked = tmp_path / "marked"
    for folder in (plain, marked):
        folder.mkdir()
        (folder / "irc.libera.#hubbub.weechatlog").write_text(WEECHAT)
    (file,) = marked.iterdir()
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", end))
    assert items_of(marked) == items_of(plain)


# The night in which the clocks are set back


@pytest.mark.parametrize("program", ["irssi", "weechat"])
def test_what_was_said_when_the_clocks_were_set_back_stays_in_its_order(
    tmp_path: Path, program: str
) -> None:
    said = ["02:58", "02:59", "02:00", "02:59", "03:00"]
    if program == "irssi":
        lines = ["--- Log opened Sun Oct 29 00:00:00 2023", *(f"{at} <ada> x" for at in said)]
        path = tmp_path / "#hubbub.log"
    else:
        lines = [f"2023-10-29 {at}:00\tada\tx" for at in said]
        path = tmp_path / "irc.libera.#hubbub.weechatlog"
    path.write_text("\n".join(lines))
    with open_source(path, zone=ZoneInfo("Europe/Berlin")) as source:
        times = [one.at for one in source.items() if isinstance(one, Message)]
    assert [(at - times[0]) // MINUTE for at in times] == [0, 1, 2, 61, 62]


def test_a_clock_that_was_corrected_by_a_second_is_not_one_that_was_set_back(
    tmp_path: Path,
) -> None:
    path = tmp_path / "irc.libera.#hubbub.weechatlog"
    path.write_text("".join(f"2023-10-29 02:10:0{at}\tada\tx\n" for at in (2, 1, 3)))
    with open_source(path, zone=ZoneInfo("Europe/Berlin")) as source:
        times = [one.at for one in source.items() if isinstance(one, Message)]
    assert [(at - times[0]) // SECOND for at in times] == [0, -1, 1]


# What exports have in some places, and not in others


@pytest.mark.parametrize("ts", [None, "", "NaN", "inf", "soon", "-1.0", "99999999999.0"])
async def test_one_message_without_a_time_keeps_no_other_back(tmp_path: Path, ts: object) -> None:
    path = slack_of(
        tmp_path,
        {"user": "U1", "ts": "1500000001.0", "text": "one"},
        {"user": "U1", "ts": ts, "text": "when?"},
        {"user": "U1", "ts": 1500000002.5, "text": "two"},
    )
    async with in_memory() as place:
        report = await place.take(path)
        assert [text for _, text, _ in await place.texts("general")] == ["one", "two"]
    assert report.skipped == {"messages without a time": 1}


async def test_a_person_or_a_channel_of_whom_little_is_known_is_taken(tmp_path: Path) -> None:
    nothing = {"name": None, "real_name": None, "is_bot": None, "team_id": None}
    path = slack_of(
        tmp_path,
        {"user": "U1", "ts": "1.0", "text": "hi", "files": None, "reactions": [{"count": None}]},
        {"user": "U8", "ts": "2.0", "text": "gone", "attachments": [None], "type": None},
        users=[{"id": "U1", "profile": {"display_name": None}} | nothing],
        channels=[
            {"id": "C1", "name": "general", "members": None, "topic": {"value": None}},
            {"id": "C2", "name": None},
        ],
    )
    assert await texts_of(path) == [("U1", "hi", None), ("bot", "gone", None)]


async def test_what_a_program_has_said_in_blocks_alone_is_kept(tmp_path: Path) -> None:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "*Disk* full: <@U1>"}}
    path = slack_of(
        tmp_path,
        {"bot_id": "B1", "ts": "1.0", "text": "", "blocks": [section]},
        {
            "bot_id": "B1",
            "ts": "2.0",
            "text": "",
            "attachments": [{"fallback": "[no preview available]", "blocks": [section]}],
        },
        {"user": "U1", "ts": "3.0", "text": "whole", "blocks": [section]},
    )
    assert [text for _, text, _ in await texts_of(path)] == [
        "*Disk* full: @Anna.Meier",
        "> *Disk* full: @Anna.Meier",
        "whole",
    ]


@pytest.mark.parametrize(
    "block, lines",
    [
        ({"type": "header", "text": {"type": "plain_text", "text": "Build"}}, ["Build"]),
        ({"type": "section", "fields": [{"text": "a"}, {"text": "b"}]}, ["a", "b"]),
        (
            {
                "type": "rich_text",
                "elements": [
                    {
                        "type": "rich_text_section",
                        "elements": [
                            {"type": "text", "text": "see "},
                            {"type": "link", "url": "https://x.example", "text": "it"},
                            {"type": "text", "text": ", "},
                            {"type": "user", "user_id": "U1"},
                            {"type": "emoji", "name": "tada"},
                        ],
                    }
                ],
            },
            ["see <https://x.example|it>, <@U1>:tada:"],
        ),
        ({"type": "image", "alt_text": "a cat", "image_url": "https://c"}, ["a cat: https://c"]),
        ({"type": "actions", "elements": [{"type": "button", "text": {"text": "Yes"}}]}, []),
        ({"type": "divider"}, []),
        ({"type": "new", "odd": 1, "text": 5, "elements": {"a": None}}, []),
        ({"type": "table", "rows": [[{"text": "a"}, {"text": "b"}]]}, ["a", "b"]),
    ],
)
def test_blocks_are_read_by_their_texts(block: dict[str, Any], lines: list[str]) -> None:
    assert list(block_lines([block])) == lines


def test_blocks_in_blocks_have_an_end() -> None:
    block: dict[str, Any] = {"text": "deep"}
    for _ in range(5000):
        block = {"elements": [block]}
    assert list(block_lines([block, {"text": "near"}])) == ["near"]


# Names that two have


async def test_two_channels_of_one_name_get_two_names_by_their_ids(tmp_path: Path) -> None:
    discord(tmp_path / "a.json", [discord_message(1, "one")], name="General")
    discord(tmp_path / "b.json", [discord_message(2, "two")], id="6", name="general")
    async with in_memory() as place:
        with pytest.raises(
            CannotImport, match=r'"General" \(its id there is 5\) and "general" \(6'
        ):
            await place.take(tmp_path)
        assert await place.rooms() == []
        await _take_renamed(place, tmp_path)
        assert await place.texts("General") == [("Anna.Meier", "one", None)]
        assert await place.texts("other") == [("Anna.Meier", "two", None)]
        again = await _take_renamed(place, tmp_path)
        assert [one.added for one in again] == [0, 0]


async def _take_renamed(place: Place, path: Path) -> list[Any]:
    report = await place.take(path, Choices(rooms={"6": "other"}))
    return list(report.rooms)


async def test_who_has_deleted_the_account_and_who_is_called_by_an_emoji_have_said_it(
    tmp_path: Path,
) -> None:
    names = {"9": "Deleted User", "10": "😀", "11": "عمر", "12": "", "13": "Deleted User"}
    path = discord(
        tmp_path / "a.json",
        [
            discord_message(number, "x", author={"id": id, "name": name, "nickname": None})
            for number, (id, name) in enumerate(names.items())
        ],
    )
    async with in_memory() as place:
        await place.take(path)
        said = [by for by, _, _ in await place.texts("lobby")]
    assert said == ["Deleted.User", "member", "عمر", "member2", "Deleted.User2"]


def test_half_of_a_sign_is_read(tmp_path: Path) -> None:
    path = slack_of(
        tmp_path / "export",
        {"user": "U1", "ts": "1.0", "text": "cut \ud83d off"},
        {"user": "U1", "ts": "2.0", "subtype": "channel_topic", "topic": "\ud83d"},
        users=[{"id": "U1", "profile": {"display_name": "a\ud83d"}}],
    )
    assert len([one for one in items_of(path) if isinstance(one, Message)]) == 3
