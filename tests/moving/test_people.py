"""Who said what, when it is moved in: names, accounts, and who is who."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hubbub.domain.directory import DIRECTORY, is_directory
from hubbub.domain.events import Registered, RulesSet
from hubbub.domain.ids import user_id
from hubbub.domain.kinds import is_message
from hubbub.domain.lookalikes import lookalike
from hubbub.domain.names import UserName
from hubbub.hub.ports import Done, Draft, Entry, SecretKind, Settled, TakeName
from hubbub.moving.choices import Choices
from hubbub.moving.errors import CannotImport
from hubbub.moving.naming import Names, person_id, room_name, user_name
from tests.moving.samples import DISCORD, WEECHAT, discord, discord_message, slack
from tests.moving.servers import ADA, BEN, IDS, NOON, in_memory


@pytest.mark.parametrize(
    "wish, name",
    [
        ("Anna Meier", "Anna.Meier"),
        ("  anna   m. meier ", "anna.m.meier"),
        ("Jürgen Groß", "Jürgen.Groß"),
        ("山田 太郎", "山田.太郎"),
        ("O'Neil (he/him)", "ONeil.he-him"),
        ("🎉", "member"),
        ("", "member"),
        ("x" * 40, "x" * 32),
        ("a@b", "ab"),
    ],
)
def test_names_become_valid_and_stay_alike(wish: str, name: str) -> None:
    assert user_name(wish) == name


@given(st.lists(st.text(max_size=40), max_size=20))
def test_whatever_people_are_called_their_names_are_valid_and_no_two_look_alike(
    wishes: list[str],
) -> None:
    names = Names(lambda name, id: False)
    given = [names.give(wish, user_id(at)) for at, wish in enumerate(wishes, 1)]
    assert len({lookalike(name.key) for name in given}) == len(given)
    assert all(UserName.parse(str(name)) == name for name in given)


@given(st.text())
def test_whatever_a_room_is_called_its_name_is_valid(wish: str) -> None:
    assert room_name(wish)


@pytest.mark.parametrize("wish", ["/server", "#/server", " /server ", "/import/x"])
def test_no_room_of_another_program_is_a_log_of_the_servers_own(wish: str) -> None:
    name = room_name(wish)
    assert not is_directory(name)
    assert "/" not in name


@pytest.mark.parametrize("wish", ["/server", "lobby"])
async def test_nothing_is_imported_into_the_servers_own_log(tmp_path: Path, wish: str) -> None:
    path = discord(tmp_path / "lobby.json", name=wish)
    async with in_memory() as place:
        with pytest.raises(CannotImport, match="There is no room"):
            await place.take(path, Choices(into={wish: str(DIRECTORY)}))
        chosen = {"lobby": str(DIRECTORY)} if wish == "lobby" else {}
        report = await place.take(path, Choices(rooms=chosen))
        assert [one.name for one in report.rooms] == ["server"]
        assert not [one for one in await place.events(str(DIRECTORY)) if is_message(one)]


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00", "1960-01-01T00:00:00", "9999-12-31T23:59:59"]
)
async def test_a_time_that_no_client_can_show_is_refused_before_anything_is_changed(
    tmp_path: Path, at: str
) -> None:
    wrong = discord_message(99, "when?", timestamp=at)
    path = discord(tmp_path / "lobby.json", [*DISCORD, wrong])
    async with in_memory() as place:
        with pytest.raises(CannotImport, match="has a time that it cannot have"):
            await place.take(path, Choices())
        assert await place.rooms() == []


def test_an_id_is_always_the_same_and_different_for_everybody() -> None:
    ids = [person_id("slack T1", "U1"), person_id("slack T1", "U2"), person_id("slack T2", "U1")]
    assert len({*ids, person_id("slack T1", "U1")}) == 3


async def test_nobody_gets_the_name_of_an_account_nor_one_that_looks_like_it(
    tmp_path: Path,
) -> None:
    cyrillic = {"id": "9", "name": "аda", "isBot": False}
    same = {"id": "8", "name": "ADA", "isBot": False}
    messages = [discord_message(1, "a", author=cyrillic), discord_message(2, "b", author=same)]
    async with in_memory() as place:
        await place.register(ADA)
        report = await place.take(discord(tmp_path / "a.json", messages))
        names = [str(one.name) for one in place.hub.access.directory.state.members.values()]
    assert len({lookalike(UserName.parse(name).key) for name in names}) == 3
    assert [one.source for one in report.people] == ["аda", "ADA"]


async def test_nobody_can_log_in_to_an_account_before_it_is_claimed(tmp_path: Path) -> None:
    async with in_memory() as place:
        report = await place.take(slack(tmp_path), Choices())
        new = [one for one in report.people if one.new]
        assert [one.name for one in new] == ["Anna.Meier", "ben"]
        for one in new:
            assert await place.hub.log.secret(SecretKind.PASSWORD, one.id) is None
            account = place.hub.access.account(UserName.parse(one.name))
            assert account is not None
            assert account.id == one.id
        assert place.hub.access.account(UserName.parse("silent")) is None


async def test_a_name_that_somebody_takes_meanwhile_is_not_taken_from_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with in_memory() as place:
        settle = place.server.settle
        others = [ADA]

        async def racing(entries: Sequence[Callable[[Done], Entry]]) -> list[Settled]:
            if others:
                event = Registered(0, NOON, "Anna.Meier", by_id=IDS[others.pop()])
                name = TakeName(IDS[ADA], UserName.parse("Anna.Meier"))
                taken = Draft(DIRECTORY, event, also=(name,))
                await settle([lambda done: replace(taken, done=done)])
            return await settle(entries)

        monkeypatch.setattr(place.server, "settle", racing)
        report = await place.take(slack(tmp_path), Choices())
        texts = await place.texts("general")
    assert [one.name for one in report.people] == ["Anna.Meier2", "ben", "hook"]
    assert texts[0][0] == "Anna.Meier2"


async def test_who_is_mapped_to_an_account_has_said_it_with_that(tmp_path: Path) -> None:
    async with in_memory() as place:
        await place.register(ADA, BEN)
        report = await place.take(slack(tmp_path), Choices(map={"Anna Meier": "ada", "U2": "BEN"}))
        texts = await place.texts("general")
        assert texts[0] == ("ada", "hello @ben & all", None)
        assert (await place.events("general"))[1].by_id == IDS[ADA]
        assert len(place.hub.access.directory.state.members) == 2
    assert not any(one.new for one in report.people)


async def test_an_import_that_was_mapped_otherwise_before_is_refused(tmp_path: Path) -> None:
    async with in_memory() as place:
        await place.register(ADA, BEN)
        await place.take(slack(tmp_path), Choices())
        with pytest.raises(CannotImport, match="before, when Anna Meier was not mapped"):
            await place.take(slack(tmp_path), Choices(map={"U1": "ada"}))


@pytest.mark.parametrize(
    "mapped, told",
    [({"nobody": "ada"}, "Nobody in it is called 'nobody'"), ({"U1": "eve"}, 'no account "eve"')],
)
async def test_a_wrong_mapping_is_told_before_anything_is_changed(
    tmp_path: Path, mapped: dict[str, str], told: str
) -> None:
    async with in_memory() as place:
        await place.register(ADA)
        with pytest.raises(CannotImport, match=told):
            await place.take(slack(tmp_path), Choices(map=mapped))
        assert len(await place.events(DIRECTORY)) == 1


async def test_a_dry_run_tells_all_and_changes_nothing(tmp_path: Path) -> None:
    async with in_memory() as place:
        told = await place.take(slack(tmp_path), dry=True)
        assert await place.rooms() == []
        assert await place.events(DIRECTORY) == []
        done = await place.take(slack(tmp_path))
    assert [(one.source, one.name, one.outcome, one.why) for one in told.rooms] == [
        (one.source, one.name, one.outcome, one.why) for one in done.rooms
    ]
    assert told.people == done.people
    assert told.skipped == done.skipped
    assert told.dry


async def test_who_imports_is_told_when_old_texts_do_not_stay(tmp_path: Path) -> None:
    async with in_memory() as place:
        await place.append(Draft(DIRECTORY, RulesSet(0, NOON, "root", keep_days=30)))
        told = await place.take(slack(tmp_path), dry=True)
    assert told.notes == [
        "This server deletes what is older than 30 days, also of what is imported."
    ]


async def test_who_imports_is_told_of_what_has_a_time_that_is_yet_to_come(
    tmp_path: Path,
) -> None:
    later = discord_message(99, "when?", timestamp="2098-01-01T00:00:00")
    path = discord(tmp_path / "lobby.json", [*DISCORD, later])
    async with in_memory() as place:
        told = await place.take(path, dry=True)
    assert told.notes == [
        "In lobby, something has a time that is yet to come. It is not deleted for its age "
        "before what is said there after it."
    ]


async def test_a_nickname_that_is_an_accounts_gets_a_number(tmp_path: Path) -> None:
    log = tmp_path / "irc.x.#a.weechatlog"
    log.write_text(WEECHAT)
    async with in_memory() as place:
        await place.register(ADA)
        await place.take(log, Choices())
        assert {by for by, *_ in await place.texts("a")} == {"ada2", "ben"}
        registered = [one for one in await place.events(DIRECTORY) if isinstance(one, Registered)]
        assert len(registered) == 1
