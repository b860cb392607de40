"""One computer, one server, two accounts: nobody is shown what only the other one may read."""

from __future__ import annotations

from hubbub.client import Mark, Resume, Unsent
from hubbub.client.cache import Cache
from hubbub.domain.ids import UserId
from tests.client.cache.conftest import Open
from tests.client.cache.talk import said

ADA, BEN = UserId("u1"), UserId("u2")


def comes(cache: Cache, user: str, id: UserId) -> Resume | None:
    """``user`` starts a client, and the server knows them."""
    resume = cache.resume(user)
    cache.keep_resume(Resume(user=user, user_id=id, account=True, token=f"{user}'s", log="log"))
    return resume


def texts(cache: Cache, room: str) -> list[object]:
    return [event.seq for event in cache.page(room, limit=10).events]


def test_a_private_room_is_found_by_its_own_user_only(open_cache: Open) -> None:
    with open_cache() as cache:
        comes(cache, "ada", ADA)
        cache.set_private("Club", private=True)
        cache.add("Club", said(1, 2, 3))
        cache.add("General", said(1, 2))
    with open_cache() as cache:
        comes(cache, "ben", BEN)
        assert cache.rooms() == ["General"]
        assert texts(cache, "Club") == []
        assert cache.span("club") is None
        cache.set_private("Club", private=True)
        cache.add("Club", said(7, 8))
        cache.forget("Club")
    with open_cache() as cache:
        kept = comes(cache, "ada", ADA)
        assert kept is not None
        assert (kept.user_id, kept.account) == (ADA, True)
        assert texts(cache, "Club") == [1, 2, 3]
        assert texts(cache, "General") == [1, 2]


def test_before_the_server_is_reached_it_is_known_whose_rooms_are_whose(open_cache: Open) -> None:
    with open_cache() as cache:
        comes(cache, "ada", ADA)
        cache.set_private("Club", private=True)
        cache.add("Club", said(1, 2, 3))
        comes(cache, "ben", BEN)
    with open_cache() as cache:
        cache.resume("ben")
        assert texts(cache, "Club") == []
    with open_cache() as cache:
        cache.resume("ada")
        assert texts(cache, "Club") == [1, 2, 3]


def test_who_has_the_freed_name_of_another_gets_none_of_their_rooms(open_cache: Open) -> None:
    with open_cache() as cache:
        comes(cache, "ada", ADA)
        cache.set_private("Club", private=True)
        cache.add("Club", said(1, 2, 3))
    with open_cache() as cache:
        comes(cache, "ada", BEN)
        assert texts(cache, "Club") == []
        assert cache.rooms() == []


def test_a_room_that_becomes_private_is_hidden_from_others_with_all_that_was_known(
    open_cache: Open,
) -> None:
    with open_cache() as cache:
        comes(cache, "ada", ADA)
        cache.add("Club", said(1, 2, 3))
        cache.set_private("Club", private=True)
        cache.add("Club", said(4, 5))
        assert texts(cache, "Club") == [1, 2, 3, 4, 5]
    with open_cache() as cache:
        comes(cache, "ben", BEN)
        assert cache.rooms() == []


def test_a_device_that_was_logged_out_keeps_nothing_private(open_cache: Open) -> None:
    with open_cache() as cache:
        comes(cache, "ada", ADA)
        cache.set_private("Club", private=True)
        cache.add("Club", said(1, 2, 3))
        cache.add("General", said(1))
        cache.forget_private()
        assert cache.rooms() == ["General"]
        assert texts(cache, "Club") == []


def test_a_renamed_room_keeps_events_marker_and_draft(open_cache: Open) -> None:
    with open_cache() as cache:
        comes(cache, "ada", ADA)
        cache.set_private("Lab", private=True)
        for room in ("Lab", "Open"):
            cache.add(room, said(1, 2, 3))
            cache.keep_mark("ada", room, Mark(2, 5))
            cache.keep_drafts("ada", {room: "half a"})
        cache.rename_room("Lab", "Cellar")
        cache.rename_room("Open", "Wide")
    with open_cache() as cache:
        cache.resume("ada")
        assert sorted(cache.rooms()) == ["Cellar", "Wide"]
        assert texts(cache, "Cellar") == texts(cache, "Wide") == [1, 2, 3]
        assert texts(cache, "Lab") == texts(cache, "Open") == []
        assert sorted(cache.marks("ada")) == ["Cellar", "Wide"]
        assert sorted(cache.take_drafts("ada")) == ["Cellar", "Wide"]


def test_a_renamed_account_keeps_token_markers_and_drafts_and_its_freed_name_has_none(
    open_cache: Open,
) -> None:
    with open_cache() as cache:
        comes(cache, "ada", ADA)
        cache.keep_mark("ada", "Lab", Mark(2, 5))
        cache.keep_drafts("ada", {"Lab": "half a"})
        cache.keep_last_room("ada", "Lab")
        unsent = [Unsent(room="Lab", text="hi", nonce="n")]
        cache.keep_lines(unsent)
        cache.rename_user("ada", "Lovelace")
        cache.keep_resume(
            Resume(user="Lovelace", user_id=ADA, account=True, token="t", unsent=unsent)
        )
    with open_cache() as cache:
        assert cache.token("ada") is None
        assert cache.take_drafts("ada") == {}
        assert cache.marks("ada") == {}
        kept = cache.resume("lovelace")
        assert kept is not None
        assert (kept.token, kept.user_id, len(kept.unsent)) == ("t", ADA, 1)
        assert cache.take_drafts("lovelace") == {"Lab": "half a"}
        assert cache.last_room("lovelace") == "Lab"
    with open_cache() as cache:
        other = cache.resume("ada")
        assert other is None or not other.unsent


def test_who_is_here_for_the_first_time_is_not_taken_for_the_last_one(open_cache: Open) -> None:
    with open_cache() as cache:
        comes(cache, "ada", ADA)
        cache.set_private("Club", private=True)
        cache.add("Club", said(1, 2, 3))
        cache.resume("ben")
        assert texts(cache, "Club") == []
        assert cache.rooms() == []


def test_the_token_that_came_with_another_name_is_kept(open_cache: Open) -> None:
    with open_cache() as cache:
        comes(cache, "ada", ADA)
        now = Resume(user="Lovelace", user_id=ADA, account=True, token="new", log="log")
        cache.keep_resume(now)
        cache.rename_user("ada", "Lovelace")
        cache.keep_resume(now)
    with open_cache() as cache:
        assert cache.token("Lovelace") == "new"
