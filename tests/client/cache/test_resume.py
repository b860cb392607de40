"""Where runs end, and who goes on from there: one after the other, and several at once."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from hubbub.client import Resume, Unsent
from hubbub.client.cache import Bounds, Cache
from hubbub.domain.replies import Ack
from tests.client.cache.conftest import Open
from tests.client.cache.talk import SERVER, START, nonces, said, unsent
from tests.process import ROOT

ADA = Resume(user="ada", token="secret", log="log-1", cursors={"General": 3})


def kill(cache: Cache) -> None:
    """As kill -9 ends it: locks are let go, and nothing is written any more."""
    lock = cache._store.runs._lock
    if lock is not None:
        lock.release()
    cache._store.abandon()
    cache._closed = True


# One after the other


def test_a_new_cache_has_nothing_to_go_on_from(cache: Cache) -> None:
    assert cache.resume() is None
    assert cache.last_user is None
    assert cache.token("ada") is None


def test_the_next_run_goes_on_where_this_one_ended(cache: Cache, open_cache: Open) -> None:
    line = Unsent(
        room="General",
        text="Grüße\n👋🏽",
        nonce="n",
        reply_to=2,
        sent_as="ada",
        seen=Ack(room="General", seq=9, at=7, nonce="n"),
    )
    end = Resume(
        user="ada",
        token="secret",
        log="log-1",
        cursors={"General": 3, "tea": 0},
        stamps={"General": START},
        unsent=(line,),
        opened=[],  # nothing that was said there is kept, so that nobody knows
    )
    cache.keep_resume(end)
    cache.close()
    again = open_cache()
    assert again.resume() == again.resume() == end
    assert again.last_user == "ada"


def test_cursors_are_those_of_what_is_cached(cache: Cache, open_cache: Open) -> None:
    cache.add("General", said(1, 2))
    cache.keep_resume(ADA)
    cache.close()
    again = open_cache()
    resume = again.resume()
    assert resume is not None
    assert resume.cursors == {"General": 2}  # the third is shown again, rather than never
    assert resume.stamps == {"General": said(2)[0].at}


def test_cursors_that_an_older_version_wrote_are_read(cache: Cache, open_cache: Open) -> None:
    cache.keep_resume(ADA)
    assert cache.path is not None
    cache.close()
    connection = sqlite3.connect(cache.path)
    connection.execute("UPDATE runs SET rooms = ?", ('{"General":3,"tea":[4,5]}',))
    connection.commit()
    connection.close()
    resume = open_cache().resume()
    assert resume is not None
    assert (resume.cursors, resume.stamps) == ({"General": 3, "tea": 4}, {"tea": 5})


def test_who_is_killed_loses_nothing(cache: Cache, open_cache: Open) -> None:
    cache.keep_resume(ADA)
    cache.add("General", said(1, 2, 3, 4))
    cache.keep_lines(unsent("a"))
    cache.keep_lines(unsent("a", "b", "c"))
    cache.keep_lines(unsent("b", "c"))
    kill(cache)
    resume = open_cache().resume()
    assert resume is not None
    assert (resume.user, resume.token, resume.log) == ("ada", "secret", "log-1")
    assert resume.cursors == {"General": 4}
    assert nonces(resume.unsent) == ["b", "c"]


def test_lines_of_who_was_killed_may_have_been_sent(cache: Cache, open_cache: Open) -> None:
    cache.keep_resume(ADA)
    cache.keep_lines(unsent("a"))
    kill(cache)
    again = open_cache()
    resume = again.resume()
    assert resume is not None
    assert [line.sent_as for line in resume.unsent] == ["ada"]


def test_lines_of_who_ended_are_as_they_were(cache: Cache, open_cache: Open) -> None:
    cache.keep_resume(ADA)
    cache.keep_lines(unsent("a"))
    cache.close()
    resume = open_cache().resume()
    assert resume is not None
    assert [line.sent_as for line in resume.unsent] == [None]


def test_lines_may_change_their_order(cache: Cache, open_cache: Open) -> None:
    cache.keep_lines(unsent("a", "b", "c"))
    cache.keep_lines(unsent("c", "a", "d"))
    cache.close()
    resume = open_cache().resume()
    assert resume is not None
    assert nonces(resume.unsent) == ["c", "a", "d"]


def test_lines_said_before_the_server_was_met_are_kept_for_whoever_comes(
    cache: Cache, open_cache: Open
) -> None:
    cache.keep_lines(unsent("a"))
    cache.close()
    resume = open_cache().resume("ada")
    assert resume is not None
    assert (resume.user, resume.token, nonces(resume.unsent)) == ("ada", None, ["a"])


def test_a_user_gets_nothing_of_another_ones(cache: Cache, open_cache: Open) -> None:
    cache.keep_resume(ADA)
    cache.keep_lines(unsent("a"))
    cache.close()
    bens = open_cache()
    assert bens.resume("ben") is None
    bens.keep_resume(Resume(user="ben", token="other", log="log-1", cursors={"tea": 0}))
    bens.close()
    again = open_cache()
    last = again.resume()
    assert last is not None
    assert (last.user, last.unsent) == ("ben", ())
    adas = again.resume("ADA")
    assert adas is not None
    assert (adas.user, adas.token, nonces(adas.unsent)) == ("ada", "secret", ["a"])


def test_who_takes_another_name_leaves_the_rooms_and_takes_the_lines(
    cache: Cache, open_cache: Open
) -> None:
    cache.keep_resume(ADA)
    cache.keep_lines(unsent("a", "b"))
    cache.keep_resume(Resume(user="eve", token="t", log="log-1", unsent=unsent("b", "c")))
    cache.close()
    again = open_cache()
    eves, adas = again.resume(), again.resume("ada")
    assert eves is not None
    assert adas is not None
    assert (eves.user, eves.cursors, nonces(eves.unsent)) == ("eve", {}, ["b", "c"])
    assert (adas.cursors, nonces(adas.unsent)) == ({"General": 3}, ["a"])


def test_another_log_leaves_the_lines_and_the_last_user(cache: Cache, open_cache: Open) -> None:
    cache.keep_resume(ADA)
    cache.keep_lines(unsent("a"))
    cache.close()
    again = open_cache()
    again.resume()
    again.log = "log-2"
    again.close()
    resume = open_cache().resume()
    assert resume is not None
    assert (resume.user, resume.token, resume.log) == ("ada", None, "log-2")
    assert (resume.cursors, nonces(resume.unsent)) == ({}, ["a"])


def test_rooms_are_kept_again_after_another_client_noticed_the_new_log(
    cache: Cache, open_cache: Open
) -> None:
    cache.keep_resume(ADA)
    other = open_cache()
    other.log = "log-2"
    cache.keep_resume(Resume(user="ada", token="new", log="log-2", cursors={"General": 3}))
    cache.close()
    resume = open_cache().resume()
    assert resume is not None
    assert (resume.cursors, resume.token) == ({"General": 3}, "new")


def test_the_last_user_is_known_without_a_run(cache: Cache, open_cache: Open) -> None:
    cache.last_user = "ada"
    cache.close()
    again = open_cache()
    assert again.last_user == "ada"
    assert again.resume() is None


def test_tokens_are_bounded_and_the_oldest_go(open_cache: Open) -> None:
    cache = open_cache(Bounds(tokens=2))
    for user in ("ada", "ben", "eve"):
        cache.keep_token(user, f"of {user}")
    assert [cache.token(user) for user in ("ADA", "Ben", "eve")] == [None, "of ben", "of eve"]


def test_runs_are_bounded_but_lines_are_not_forgotten(open_cache: Open, tmp_path: Path) -> None:
    bounds = Bounds(runs=2)
    for number in range(6):
        cache = open_cache(bounds)
        cache.keep_resume(Resume(user=f"guest-{number}", token="t", log="log-1"))
        if number == 1:
            cache.keep_lines(unsent("a"))
        cache.close()
    assert len(list(tmp_path.glob("*.lock"))) == 3
    resume = open_cache(bounds).resume("guest-1")
    assert resume is not None
    assert nonces(resume.unsent) == ["a"]


# Several at once


def test_a_second_client_is_the_same_user_in_rooms_of_its_own(
    cache: Cache, open_cache: Open
) -> None:
    cache.keep_resume(ADA)
    cache.keep_lines(unsent("a"))
    second = open_cache()
    assert second.resume() == Resume(user="ada", token="secret", log="log-1")
    second.keep_resume(Resume(user="ada", token="secret", log="log-1", cursors={"tea": 5}))
    second.keep_lines(unsent("b"))
    cache.keep_lines(unsent("a", "c"))
    kill(second)
    kill(cache)
    third, fourth = open_cache(), open_cache()
    resume, other = third.resume(), fourth.resume()
    assert resume is not None
    assert other is not None
    assert nonces(resume.unsent) == ["a", "c", "b"]
    assert (resume.cursors, other.cursors) == ({"tea": 5}, {"General": 3})
    assert other.unsent == ()


def test_a_newer_token_is_not_lost_to_a_client_that_has_the_older_one(
    cache: Cache, open_cache: Open
) -> None:
    cache.keep_resume(ADA)
    second = open_cache()
    second.resume()
    second.keep_resume(Resume(user="ada", token="newer", log="log-1", cursors={"tea": 1}))
    cache.keep_resume(Resume(user="ada", token="secret", log="log-1", cursors={"General": 4}))
    assert open_cache().token("ada") == "newer"


def test_a_client_that_is_behind_does_not_move_a_cursor_back(
    cache: Cache, open_cache: Open
) -> None:
    cache.keep_resume(ADA)
    second = open_cache()
    cache.add("General", said(1, 2, 3, 4, 5))
    second.add("General", said(2, 3))
    cache.close()
    resume = second.resume()
    assert resume is not None
    assert resume.cursors == {"General": 5}


@contextmanager
def writers(folder: Path, names: str, rounds: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that write to the cache in ``folder``; killed at the end."""
    command = [sys.executable, "-m", "tests.client.cache.writing", str(folder)]
    with ExitStack() as stack:
        processes = []
        for name in names:
            process = subprocess.Popen(
                [*command, name, str(rounds)],
                cwd=ROOT,
                env={"PYTHONPATH": str(ROOT / "src")},
                stdout=subprocess.PIPE,
                text=True,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            processes.append(process)
        yield processes


def test_a_file_can_be_made_and_used_by_many_processes_at_once(tmp_path: Path) -> None:
    """Each adds the same room and a line of its own; nothing is missing, and nothing double."""
    with writers(tmp_path, "abcdef", rounds=200) as processes:
        outputs = [process.communicate(timeout=60)[0] for process in processes]
        assert [process.returncode for process in processes] == [0] * 6
    assert all(output.endswith("200\n") for output in outputs)
    with Cache.open(SERVER, tmp_path) as cache:
        resume = cache.resume("ada")
        assert resume is not None
        assert sorted(nonces(resume.unsent)) == [f"{name}-200" for name in "abcdef"]
        assert cache.page("General", limit=1000).events == said(*range(1, 201))


# Killed


@pytest.mark.parametrize("round", range(3))
def test_kill_9_while_writing_loses_nothing_that_was_written(tmp_path: Path, round: int) -> None:
    """Two are killed at once; each line they told of is there, or the one they wrote just then."""
    told = []
    with writers(tmp_path, "ab", rounds=1_000_000) as processes:
        for process in processes:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(100 + 50 * round)]
            process.kill()
            rest = process.communicate()[0].splitlines(keepends=True)
            told.append(int([*lines, *(line for line in rest if line.endswith("\n"))][-1]))
    with Cache.open(SERVER, tmp_path) as cache:
        resume = cache.resume("ada")
        assert cache.problem is None
        assert resume is not None
        kept = {line.nonce[0]: line for line in resume.unsent}
        assert set(kept) == {"a", "b"}
        for name, number in zip("ab", told, strict=True):
            assert int(kept[name].nonce[2:]) in (number, number + 1)
            assert kept[name].sent_as == "ada"
        span = cache.span("General")
        assert span is not None
        assert span[1] >= max(told)
        assert cache.page("General", limit=20_000).events == said(*range(span[0], span[1] + 1))
