from __future__ import annotations

import itertools
import re

import pytest

from hubbub.domain.errors import RateLimited
from hubbub.hub import attempts
from hubbub.hub.attempts import CODES, FORGET_SECONDS, PASSWORDS, TOKENS, Attempts
from hubbub.hub.ports import Turn

HOUR = 3600.0
HOME = "192.0.2.1"
ELSEWHERE = "203.0.113.9"
ADDRESSES = [f"198.51.{n // 250}.{n % 250}" for n in range(1000)]


def wait(tries: Attempts, account: str, client: str, now: float) -> float:
    """Seconds until the next try; one that may be made is, and is wrong."""
    try:
        tries.begin(account, client, now)
    except RateLimited as refused:
        return refused.retry_after or 0.0
    return 0.0


def log_in(tries: Attempts, account: str, client: str, now: float) -> None:
    tries.begin(account, client, now)
    tries.succeeded(account, client)


def delays(tries: Attempts, client: str, most: int, account: str = "ada") -> list[int]:
    """What a client waits for each wrong try that it makes as soon as it may."""
    now, waited = 0.0, list[int]()
    for _ in range(most):
        delay = wait(tries, account, client, now)
        if delay:
            now += delay
            assert not wait(tries, account, client, now)
        waited.append(round(delay))
    return waited


def test_people_mistype_and_then_wait_for_twice_as_long_each_time() -> None:
    assert delays(Attempts(), ELSEWHERE, 8) == [0, 0, 0, 1, 2, 4, 8, 16]


def test_a_stranger_waits_a_quarter_of_an_hour_at_most() -> None:
    assert delays(Attempts(), ELSEWHERE, 16)[-4:] == [512, 900, 900, 900]


def test_who_has_to_wait_is_told_how_long() -> None:
    tries = Attempts()
    delays(tries, ELSEWHERE, 3)
    with pytest.raises(RateLimited, match=r"too many wrong tries. Try again in 1.0 s") as refused:
        tries.begin("ada", ELSEWHERE, 0.0)
    assert refused.value.retry_after == 1.001


def test_impatience_is_no_wrong_try() -> None:
    tries = Attempts()
    delays(tries, ELSEWHERE, 3)
    assert all(wait(tries, "ada", ELSEWHERE, n / 1000) for n in range(999))
    assert wait(tries, "ada", ELSEWHERE, 1.0) == 0.0


def test_a_client_that_logs_in_begins_anew() -> None:
    tries = Attempts()
    delays(tries, ELSEWHERE, 3)
    log_in(tries, "ada", ELSEWHERE, 10.0)
    assert [wait(tries, "ada", ELSEWHERE, 10.0) for _ in range(3)] == [0, 0, 0]


def test_wrong_tries_are_forgotten_after_an_hour_without_any() -> None:
    tries = Attempts()
    delays(tries, ELSEWHERE, 3)
    assert [wait(tries, "ada", ELSEWHERE, FORGET_SECONDS) for _ in range(3)] == [0, 0, 0]


def test_one_password_cannot_be_tried_with_many_names() -> None:
    tries = Attempts()
    waits = [wait(tries, f"user {n}", ELSEWHERE, 0.0) for n in range(100)]
    assert waits.count(0.0) == PASSWORDS.free


def test_who_has_an_account_is_not_freer_to_guess_another_one_s() -> None:
    tries = Attempts()
    tried = 0
    for second in range(3600):
        tried += not wait(tries, "ada", ELSEWHERE, float(second))
        log_in_if_possible(tries, "eve", ELSEWHERE, float(second))
    assert tried <= 16


def log_in_if_possible(tries: Attempts, account: str, client: str, now: float) -> None:
    if not wait(tries, account, client, now):
        tries.succeeded(account, client)


def test_old_mistakes_with_an_own_account_forgive_nothing() -> None:
    tries = Attempts()
    delays(tries, ELSEWHERE, 3, "eve")
    later = 2 * FORGET_SECONDS
    assert [wait(tries, "ada", ELSEWHERE, later) for _ in range(2)] == [0, 0]
    log_in(tries, "eve", ELSEWHERE, later)
    assert [wait(tries, "ada", ELSEWHERE, later) for _ in range(2)] == [0, 1.001]


def test_where_many_have_logged_in_one_who_guesses_holds_up_nobody() -> None:
    """A school has one address; the tries of one pupil are not those of the others."""
    tries = Attempts()
    for pupil in ("ada", "ben", "eve"):
        log_in(tries, pupil, HOME, 0.0)
    delays(tries, HOME, 12, "ada")
    assert wait(tries, "ben", HOME, 0.0) == 0.0


def test_a_familiar_client_is_held_up_for_half_a_minute_at_most() -> None:
    """Also by somebody else at the owner's address."""
    tries = Attempts()
    log_in(tries, "ada", HOME, 0.0)
    assert delays(tries, HOME, 12) == [0, 0, 0, 1, 2, 4, 8, 16, 30, 30, 30, 30]


def test_a_try_that_was_not_made_counts_nothing() -> None:
    tries = Attempts()
    for _ in range(50):
        tries.begin("ada", ELSEWHERE, 0.0)
        tries.untried("ada", ELSEWHERE)
    log_in(tries, "ada", HOME, 0.0)
    for _ in range(50):
        tries.begin("ada", HOME, 0.0)
        tries.untried("ada", HOME)
    tries.untried("nobody", "192.0.2.77")


def test_strangers_take_the_account_s_turn_at_hashing_and_the_owner_an_own_one() -> None:
    tries = Attempts()
    log_in(tries, "ada", HOME, 0.0)
    assert tries.begin("ada", ELSEWHERE, 0.0) == Turn("ada")
    assert tries.begin("ada", HOME, 0.0) == Turn(HOME, known=True)


def test_tries_under_way_count() -> None:
    tries = Attempts()
    log_in(tries, "ada", HOME, 0.0)
    for client in (HOME, ELSEWHERE):
        assert [wait(tries, "ada", client, 0.0) > 0 for _ in range(5)] == [0, 0, 0, 1, 1]


def test_a_site_with_many_networks_is_one_stranger() -> None:
    tries = Attempts()
    waits = [wait(tries, "ada", f"2001:db8:77:{n:x}::/64", 0.0) for n in range(1, 100)]
    assert waits.count(0.0) == PASSWORDS.free


def test_a_name_without_an_account_looks_the_same() -> None:
    there, none = Attempts(), Attempts()
    log_in(there, "ada", HOME, 0.0)
    for second, address in itertools.product(range(20), [ELSEWHERE, *ADDRESSES[:20]]):
        now = float(second)
        assert wait(there, "ada", address, now) == wait(none, "ada", address, now)


def test_known_devices_are_familiar_after_a_restart() -> None:
    tries = Attempts()
    tries.remember("ada", HOME)
    assert delays(tries, HOME, 9)[-1] == 30


@pytest.mark.parametrize("addresses, most", [(1, 16), (1000, 3100), (10_000, 3820)], ids=str)
def test_a_flood_tries_few_passwords_and_does_not_lock_out_the_owner(
    addresses: int, most: int
) -> None:
    """1,000 wrong tries a second against one account, for an hour."""
    tries = Attempts()
    log_in(tries, "ada", HOME, 0.0)
    flood = itertools.cycle(
        f"198.{n // 62500}.{n // 250 % 250}.{n % 250}" for n in range(addresses)
    )
    tested = 0
    for second in range(int(HOUR)):
        # All the tries of the first minute, and later those that are not refused at once.
        for _ in range(1000 if second < 60 else 20):
            tested += not wait(tries, "ada", next(flood), float(second))
        if second % 60 == 59:  # the owner comes home, mistypes twice, and is let in
            for _ in range(2):
                assert wait(tries, "ada", HOME, float(second)) == 0.0
            log_in(tries, "ada", HOME, float(second))
    assert tested <= most
    if addresses <= 1000:  # and at a new address, too
        for _ in range(2):
            assert wait(tries, "ada", ELSEWHERE, HOUR) == 0.0
        log_in(tries, "ada", ELSEWHERE, HOUR)


def test_however_many_addresses_there_are_an_account_bears_so_many_tries() -> None:
    for limits, most in ((PASSWORDS, 3820), (CODES, 74)):
        tries = Attempts(limits)
        addresses = (f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in range(100_000))
        tested = sum(
            not wait(tries, "ada", address, n * HOUR / 100_000)
            for n, address in enumerate(addresses)
        )
        assert limits.early.burst <= tested <= most


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "MOST", 50)
    tries = Attempts()
    for n in range(500):
        log_in(tries, f"user {n}", f"10.0.{n // 250}.{n % 250}", 0.0)
        log_in(tries, "ben", f"10.9.{n // 250}.{n % 250}", 0.0)
        wait(tries, f"name {n}", f"10.1.{n // 250}.{n % 250}", 0.0)
    kept = (tries._accounts, tries._strangers, tries._pairs, tries._familiar)
    assert [len(entries) for entries in kept] == [50, 50, 50, 50]
    assert len(tries._familiar["ben"]) == attempts.MOST_FAMILIAR


def test_an_account_that_is_guessed_at_is_not_forgotten_for_many_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(attempts, "MOST", 50)
    tries = Attempts(CODES)
    crowd = (f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in itertools.count())
    while not wait(tries, "ada", next(crowd), 0.0):
        pass
    for n in range(1000):
        wait(tries, f"name {n}", next(crowd), 0.0)
    assert wait(tries, "ada", next(crowd), 0.0) > 0.0


def test_what_is_only_checked_counts_when_it_has_failed() -> None:
    tries = Attempts(TOKENS)
    for _ in range(10):
        tries.check("token", HOME, 0.0)
    for number in range(TOKENS.free):
        tries.check(f"token {number}", HOME, 0.0)
        tries.failed(f"token {number}", HOME, 0.0)
    with pytest.raises(RateLimited, match="too many wrong tries"):
        tries.check("another", HOME, 0.0)
    tries.check("another", ELSEWHERE, 0.0)
    tries.check("another", HOME, TOKENS.longest)


def test_what_was_right_before_waits_for_no_other() -> None:
    tries = Attempts(TOKENS)
    tries.remember("good", HOME)
    for _ in range(20):
        tries.failed("bad", HOME, 0.0)
    tries.check("good", HOME, 0.0)
    for _ in range(20):
        tries.failed("good", HOME, 0.0)  # it is so no more
    with pytest.raises(RateLimited) as refused:
        tries.check("good", HOME, 0.0)
    assert refused.value.retry_after == 30.001


def test_the_log_is_told_of_refused_logins_now_and_then_and_of_no_names(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tries = Attempts()
    refused = 0
    with caplog.at_level("INFO"):
        for tenth in range(1300):
            refused += wait(tries, "ada", ELSEWHERE, tenth / 10) > 0
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 3, "one in a minute"
    counts = [int(re.findall(r": (\d+) of late", line)[0]) for line in told]
    assert counts[0] == 1
    assert 1000 < sum(counts) <= refused
    assert all(line.endswith(f"the last from {ELSEWHERE}") for line in told)
    assert "ada" not in caplog.text
