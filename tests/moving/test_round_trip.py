"""What is exported and imported elsewhere is the same there."""

from __future__ import annotations

import stat
from pathlib import Path

import msgspec

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.events import (
    UNSEQUENCED,
    AnyEvent,
    Edited,
    Pinned,
    Reacted,
    Redacted,
    RoomForgotten,
    Said,
    Trimmed,
)
from hubbub.domain.kinds import TRAITS
from hubbub.domain.rules import RoomAccess
from hubbub.hub.directs import room_of
from hubbub.moving.choices import Choices
from hubbub.moving.report import Outcome
from tests.moving.everything import fill, of_a_room
from tests.moving.servers import ADA, BEN, EVE, IDS, NOON, Place, in_memory, opened, said

TALK = room_of([IDS[ADA], IDS[EVE]])


def lines_of(path: Path) -> list[dict[str, object]]:
    return [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]


async def all_events(place: Place) -> dict[str, list[AnyEvent]]:
    return {name: await place.events(name) for name in await place.rooms()}


async def test_everything_is_the_same_elsewhere(tmp_path: Path) -> None:
    async with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        await fill(one)
        await one.export(tmp_path / "first.jsonl")
        report = await two.take(tmp_path / "first.jsonl")
        assert await all_events(two) == await all_events(one)
        await two.export(tmp_path / "second.jsonl")
        first, second = lines_of(tmp_path / "first.jsonl"), lines_of(tmp_path / "second.jsonl")
        assert first[1:-1] == second[1:-1]
    assert {room.outcome for room in report.rooms} == {Outcome.NEW}
    assert report.added == sum(len(line) > 0 for line in first if line["type"] == "event")
    assert {(person.name, person.new) for person in report.people} == {
        ("ada", True),
        ("ben", True),
        ("eve", True),
    }


async def test_what_holds_in_the_rooms_is_the_same_also_after_a_start(tmp_path: Path) -> None:
    async with opened(tmp_path / "one") as one:
        await fill(one)
        await one.export(tmp_path / "all.jsonl")
        states = {one_.name: one_.state.facts for one_ in await one.hub.log.rooms()}
        async with opened(tmp_path / "two") as two:
            await two.take(tmp_path / "all.jsonl")
            for room in two.hub.rooms:
                assert room.state.facts == states[room.name]
                assert room.ids == one.hub.rooms[room.name.key].ids
        async with opened(tmp_path / "two") as two:
            for room in two.hub.rooms:
                assert room.state.facts == states[room.name]


def test_every_kind_of_event_of_a_room_is_among_them() -> None:
    others = {"registered", "renamed", "closed", "profile", "password", "device", "factor"}
    others |= {"sign-on", "lent", "room-deleted", "queued", "settled", "direct", "trimmed"}
    tags = {str(kind.__struct_config__.tag) for kind in TRAITS}
    assert {str(type(event).__struct_config__.tag) for event in of_a_room()} == tags - others
    assert RoomForgotten in TRAITS


async def test_twice_is_once(tmp_path: Path) -> None:
    async with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        await fill(one)
        await one.export(tmp_path / "all.jsonl")
        await two.take(tmp_path / "all.jsonl")
        before = await all_events(two), await two.events(DIRECTORY)
        report = await two.take(tmp_path / "all.jsonl")
        assert (await all_events(two), await two.events(DIRECTORY)) == before
    assert report.added == 0
    assert not any(person.new for person in report.people)


async def test_a_later_export_brings_what_is_new(tmp_path: Path) -> None:
    async with in_memory() as one, in_memory() as two:
        await fill(one)
        await one.export(tmp_path / "1.jsonl", "Secret")
        await two.take(tmp_path / "1.jsonl")
        await one.write("Secret", *[said_ for said_ in of_a_room() if said_.by == "ada"][1:2])
        await one.export(tmp_path / "2.jsonl", "Secret")
        report = await two.take(tmp_path / "2.jsonl")
        assert await two.texts("Secret") == await one.texts("Secret")
    assert report.added == 1
    assert [room.outcome for room in report.rooms] == [Outcome.KNOWN]


def changes(place_seq: int) -> list[AnyEvent]:
    """A reaction to, a pin and an edit of a text of ada's, and a text that was taken back."""
    one, two, three, four = range(NOON + 10_000, NOON + 14_000, 1000)
    emoji = "\N{PARTY POPPER}"
    return [
        Reacted(UNSEQUENCED, one, "ben", place_seq, emoji=emoji, by_id=IDS[BEN]),
        Edited(UNSEQUENCED, two, "ada", place_seq, "tea", by_id=IDS[ADA]),
        Pinned(UNSEQUENCED, three, "ada", target=place_seq, by_id=IDS[ADA]),
        Redacted(UNSEQUENCED, four, "ada", place_seq + 1, by_id=IDS[ADA]),
    ]


async def messages(place: Place, room: str) -> list[Said]:
    return [one for one in await place.events(room) if isinstance(one, Said)]


async def test_what_became_of_texts_is_the_same_in_a_room_that_is_here_already(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        for place in (one, two):
            await place.register(ADA, BEN)
        await one.write("Tea", said("coffee"), said("no"), said("yes"), *changes(1))
        await two.write("Here", said("hello"))
        await one.export(tmp_path / "tea.jsonl")
        report = await two.take(tmp_path / "tea.jsonl", Choices(into={"Tea": "Here"}))
        hello, tea, yes = await messages(two, "Here")
        assert (hello.text, tea.text, yes.text) == ("hello", "tea", "yes")
        assert tea.edited_at == NOON + 11_000
        assert [(one.emoji, one.users) for one in tea.reactions] == [("\N{PARTY POPPER}", ["ben"])]
        assert sum(report.skipped.values()) == 3  # the pin, and what was taken back
        again = await two.take(tmp_path / "tea.jsonl", Choices(into={"Tea": "Here"}))
        assert again.added == 0


async def test_a_later_export_tells_what_became_of_texts_since(tmp_path: Path) -> None:
    async with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        await one.register(ADA, BEN)
        await one.write("Tea", said("coffee"), said("no"), said("yes"))
        await one.export(tmp_path / "1.jsonl")
        await two.take(tmp_path / "1.jsonl")
        await two.write("Tea", Redacted(UNSEQUENCED, NOON, "ada", 3, by_id=IDS[ADA]))
        late = Edited(UNSEQUENCED, NOON, "ada", 3, "perhaps", by_id=IDS[ADA])
        await one.write("Tea", *changes(1), late)
        await one.export(tmp_path / "2.jsonl")
        report = await two.take(tmp_path / "2.jsonl")
        tea, no, yes = await messages(two, "Tea")
        assert (tea.text, bool(tea.edited_at), len(tea.reactions)) == ("tea", True, 1)
        assert no.redacted is not None
        assert (no.text, yes.text) == ("", "")  # what was taken back here stays so
        assert report.added == 3


async def test_what_amends_a_text_that_was_too_old_is_left_out(tmp_path: Path) -> None:
    async with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        await one.register(ADA, BEN)
        pinned = Pinned(UNSEQUENCED, NOON, "ada", target=1, by_id=IDS[ADA])
        await one.write("Tea", said("coffee"), said("milk"), pinned, *changes(1)[:2])
        await one.write("Tea", said("still here"), *changes(6)[:1])
        await one.write("Tea", Trimmed(UNSEQUENCED, NOON + 9, "the server", floor=3))
        await one.export(tmp_path / "tea.jsonl")
        for _ in range(2):
            report = await two.take(tmp_path / "tea.jsonl")
            (left,) = await messages(two, "Tea")
            assert (left.text, len(left.reactions)) == ("still here", 1)
            assert sum(report.skipped.values()) == 3  # and what tells that it was trimmed


async def test_private_rooms_are_exported_only_when_they_are_asked_for(tmp_path: Path) -> None:
    async with in_memory() as place:
        await fill(place)
        report = await place.export(tmp_path / "open.jsonl", private=False)
        data = (tmp_path / "open.jsonl").read_text()
        assert report.left_out == 3
        assert "between us" not in data
        assert "just you" not in data
        assert "with a password" not in data
        await place.export(tmp_path / "one.jsonl", "#secret", private=False)
        assert "between us" in (tmp_path / "one.jsonl").read_text()
    assert stat.S_IMODE((tmp_path / "open.jsonl").stat().st_mode) == 0o600


async def test_private_rooms_are_imported_only_when_they_are_asked_for(tmp_path: Path) -> None:
    async with in_memory() as one, in_memory() as two:
        await fill(one)
        await one.export(tmp_path / "all.jsonl")
        report = await two.take(tmp_path / "all.jsonl", Choices())
        assert await two.rooms() == ["Kitchen"]
    assert {room.source for room in report.rooms if room.outcome is Outcome.SKIPPED} == {
        "Secret",
        "Locked",
        str(TALK),
    }


async def test_nothing_secret_is_in_an_export(tmp_path: Path) -> None:
    async with in_memory() as place:
        await fill(place)
        await place.export(tmp_path / "all.jsonl")
    people = [line for line in lines_of(tmp_path / "all.jsonl") if line["type"] == "person"]
    assert len(people) == 3
    assert all(set(one) <= {"type", "id", "name", "registered", "about"} for one in people)


async def test_what_a_newer_version_has_made_is_left_out_and_numbers_fit(tmp_path: Path) -> None:
    async with in_memory() as one, in_memory() as two:
        await fill(one)
        await one.export(tmp_path / "all.jsonl", "Kitchen")
        lines = (tmp_path / "all.jsonl").read_bytes().splitlines(keepends=True)
        third = next(at for at, line in enumerate(lines) if b'"seq":3,' in line)
        lines[third] = lines[third].replace(b'"kind":"said"', b'"kind":"sung"')
        (tmp_path / "new.jsonl").write_bytes(signed(lines[:-1]))
        report = await two.take(tmp_path / "new.jsonl")
        texts = await two.texts("Kitchen")
        assert len(await two.events("Kitchen")) == len(await one.events("Kitchen")) - 1
    assert sum(report.skipped.values()) == 1
    assert [reply for _, text, reply in texts if text == "an answer to what is gone"] == [27]


async def test_what_is_left_of_a_room_that_was_trimmed_stays_private_and_in_its_order(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        await fill(one)
        answers = [said(f"text {at}", at=NOON + at, reply_to=at or None) for at in range(3, 9)]
        await one.write("Secret", *answers)
        await one.write("Secret", Trimmed(0, NOON + 9, "the server", floor=7))
        await one.write(TALK, Trimmed(0, NOON + 9, "the server", floor=2))
        await one.export(tmp_path / "all.jsonl")
        await two.take(tmp_path / "all.jsonl")
        was, now = one.hub.rooms["secret"], two.hub.rooms["secret"]
        assert now.ids == was.ids == frozenset({IDS[ADA], IDS[BEN]})
        facts = now.state.facts
        assert (facts.access, facts.roles) == (RoomAccess.MEMBERS, was.state.facts.roles)
        before = [(by, text) for by, text, _ in await one.texts("Secret")]
        texts = await two.texts("Secret")
        assert [(by, text) for by, text, _ in texts] == before
        events = {event.seq: event for event in await two.events("Secret")}
        for *_, reply_to in texts:
            answered = None if reply_to is None else events[reply_to]
            assert answered is None or isinstance(answered, Said)
        assert two.hub.rooms[TALK].ids == one.hub.rooms[TALK].ids
        assert await two.texts(TALK) == [("eve", "and me", None)]
        again = await two.take(tmp_path / "all.jsonl")
        assert again.added == 0


def signed(lines: list[bytes]) -> bytes:
    """The lines with a last one that fits."""
    from hashlib import sha256

    data = b"".join(lines)
    end = {"type": "end", "lines": len(lines), "sha256": sha256(data).hexdigest()}
    return data + msgspec.json.encode(end) + b"\n"
