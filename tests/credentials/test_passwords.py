from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import HashingError

from hubbub.credentials import passwords
from hubbub.credentials.passwords import OWASP, Argon2Passwords, Parameters
from hubbub.domain.errors import RateLimited, WeakPassword
from hubbub.hub import fairqueue
from hubbub.hub.ports import Passwords, Turn
from tests.passwords import CheapPasswords
from tests.patience import PATIENCE_SECONDS

WEAK = Parameters(memory_kib=8, passes=1, lanes=1)  # as cheap as Argon2 can be
TEA = "tea at five"
ADA = Turn("ada")


@pytest.fixture(autouse=True)
def nobody_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fairqueue, "REST_RATIO", 0.0)


@pytest.fixture
async def argon2() -> AsyncIterator[Argon2Passwords]:
    made = Argon2Passwords(time.monotonic, WEAK)
    yield made
    await made.close()


@pytest.fixture(params=["argon2", "cheap"])
def kept(request: pytest.FixtureRequest, argon2: Argon2Passwords) -> Passwords:
    return argon2 if request.param == "argon2" else CheapPasswords()


async def test_a_password_fits_its_own_hash_only(kept: Passwords) -> None:
    hashed = await kept.hash(TEA, ADA)
    assert await kept.verify(TEA, hashed, ADA)
    assert not await kept.verify("Tea at five", hashed, ADA)
    assert not await kept.verify("", hashed, ADA)


async def test_the_same_password_has_another_hash_each_time(kept: Passwords) -> None:
    assert await kept.hash(TEA, ADA) != await kept.hash(TEA, ADA)


async def test_no_password_fits_an_account_that_is_not_there(kept: Passwords) -> None:
    assert not await kept.verify(TEA, None, ADA)


async def test_the_same_characters_fit_however_they_are_typed(kept: Passwords) -> None:
    hashed = await kept.hash("cafe\u0301\u00a0au lait", ADA)
    assert await kept.verify("caf\u00e9 au lait", hashed, ADA)


async def test_what_cannot_be_a_password_is_refused_and_fits_nothing(kept: Passwords) -> None:
    hashed = await kept.hash(TEA, ADA)
    for bad in ("", "ä" * 251, "x" * 501, "tea\x00"):
        with pytest.raises(WeakPassword):
            await kept.hash(bad, ADA)
        assert not await kept.verify(bad, hashed, ADA)
        assert not await kept.verify(bad, None, ADA)


async def test_a_hash_of_today_is_not_outdated(kept: Passwords) -> None:
    assert not kept.outdated(await kept.hash(TEA, ADA))


async def test_a_hash_of_other_parameters_still_fits_and_is_outdated(
    argon2: Argon2Passwords,
) -> None:
    cheap = CheapPasswords(version=1), CheapPasswords(version=2)
    newer = Argon2Passwords(time.monotonic, WEAK._replace(passes=2))
    pairs: tuple[tuple[Passwords, Passwords], ...] = (cheap, (argon2, newer))
    for old, new in pairs:
        hashed = await old.hash(TEA, ADA)
        assert await new.verify(TEA, hashed, ADA)
        assert new.outdated(hashed)
    await newer.close()


async def test_hashes_are_at_least_what_owasp_advises() -> None:
    assert OWASP.memory_kib >= 19_456
    assert OWASP.passes >= 2
    made = Argon2Passwords(time.monotonic)
    hashed = await made.hash(TEA, ADA)
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await made.verify(TEA, hashed, ADA)
    await made.close()


async def test_an_account_that_is_not_there_costs_one_hash(
    argon2: Argon2Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    real = PasswordHasher.hash

    def counted(self: PasswordHasher, password: str) -> str:
        made.append(password)
        return real(self, password)

    monkeypatch.setattr(PasswordHasher, "hash", counted)
    await argon2.verify(TEA, None, ADA)
    assert made == [TEA]


async def test_a_hash_that_is_none_is_an_error_and_no_wrong_password(
    kept: Passwords,
) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (argon2's has no text)
        await kept.verify(TEA, "tea", ADA)


async def test_without_memory_it_can_be_tried_again(
    argon2: Argon2Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: PasswordHasher, password: str) -> str:
        raise HashingError("Memory allocation error")

    monkeypatch.setattr(PasswordHasher, "hash", fail)
    with pytest.raises(RateLimited, match="short of memory") as refused:
        await argon2.hash(TEA, ADA)
    assert refused.value.retry_after


class Held:
    """Hashes that last until the test lets them go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun: list[str] = []
        self.niceness: list[int] = []
        self._more = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    async def has_begun(self, number: int) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.begun) < number:
                self._more.clear()
                await self._more.wait()

    def hash(self, password: str) -> str:
        self.begun.append(password)
        self._loop.call_soon_threadsafe(self._more.set)
        self.niceness.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        assert self.go.wait(PATIENCE_SECONDS)
        return f"hash of {password}"


@pytest.fixture
async def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    held = Held()
    monkeypatch.setattr(PasswordHasher, "hash", held.hash)
    return held


async def test_the_loop_goes_on_while_passwords_are_hashed(
    argon2: Argon2Passwords, held: Held
) -> None:
    asked = [asyncio.create_task(argon2.hash(TEA, Turn(f"client {n}"))) for n in range(9)]
    await held.has_begun(passwords.THREADS)
    held.go.set()  # the loop alone can do that
    assert await asyncio.gather(*asked) == [f"hash of {TEA}"] * 9


async def test_a_client_with_much_to_hash_waits_for_itself(
    argon2: Argon2Passwords, held: Held
) -> None:
    many = [asyncio.create_task(argon2.hash(f"eve {n}", Turn("eve"))) for n in range(9)]
    await held.has_begun(1)
    one = asyncio.create_task(argon2.hash("ada", ADA))
    await asyncio.sleep(0)
    held.go.set()
    await asyncio.gather(one, *many)
    assert held.begun.index("ada") <= 2


async def test_who_is_known_does_not_wait_for_strangers(
    argon2: Argon2Passwords, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fairqueue, "WAITING", 20)
    many = [asyncio.create_task(argon2.hash(TEA, Turn(f"client {n}"))) for n in range(20)]
    await held.has_begun(passwords.THREADS)
    known = asyncio.create_task(argon2.hash("ada", Turn("ada", known=True)))
    await held.has_begun(passwords.THREADS + 1)
    assert held.begun[-1] == "ada"
    held.go.set()
    await asyncio.gather(known, *many)


async def test_one_too_many_is_told_to_come_back(
    argon2: Argon2Passwords, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fairqueue, "WAITING", 3)
    asked = [
        asyncio.create_task(argon2.hash(TEA, Turn(f"client {n}")))
        for n in range(3 + passwords.THREADS)
    ]
    await held.has_begun(passwords.THREADS)
    with pytest.raises(RateLimited) as refused:
        await argon2.hash(TEA, ADA)
    assert refused.value.retry_after
    held.go.set()
    await asyncio.gather(*asked)


async def test_who_leaves_keeps_the_turn_until_the_thread_is_free(
    argon2: Argon2Passwords, held: Held
) -> None:
    gone = asyncio.create_task(argon2.hash("gone", Turn("eve")))
    await held.has_begun(1)
    gone.cancel()
    later = asyncio.create_task(argon2.hash("later", Turn("eve")))
    for _ in range(10):
        await asyncio.sleep(0)
    assert held.begun == ["gone"]
    held.go.set()
    assert await later == "hash of later"
    with pytest.raises(asyncio.CancelledError):
        await gone


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere threads have no own priority")
async def test_the_chat_goes_before_passwords(argon2: Argon2Passwords, held: Held) -> None:
    held.go.set()
    await argon2.hash(TEA, ADA)
    ours = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert held.niceness == [min(19, ours + passwords.NICENESS)]


def test_argon2_is_imported_for_the_first_password() -> None:
    code = (
        "import sys, time\nfrom hubbub.credentials.passwords import Argon2Passwords\n"
        "Argon2Passwords(time.monotonic)\nprint('argon2' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
