"""How soon a search is answered, over a million messages: as a browser would ask, over HTTP."""

from __future__ import annotations

import asyncio
import http.client
import itertools
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from benchmarks.bars import at_most
from benchmarks.bench import Bench
from benchmarks.contest import Attempt, Contest, Figure
from benchmarks.contestants import HUBBUB
from benchmarks.errors import Failed
from benchmarks.samples import Measures
from hubbub.domain.events import UNSEQUENCED, Said
from hubbub.domain.names import RoomName, UserName
from hubbub.hub.ports import Draft, Settled
from hubbub.storage.log import DATABASE, SqlLog
from hubbub.storage.search.sqlite import SqlSearch

MILLION = 1_000_000
WAITING = 4000  # events that are given to the log ahead
ROOMS, PEOPLE = 20, 200
FIRST_AT = 1_690_729_200_000  # 2023-07-30, in milliseconds
SECONDS_BETWEEN = 30  # messages: a year in all
ASKED = 100  # searches of each kind
INDEX_SECONDS = 600.0

VOCABULARY = 30_000
HAN = "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得"
HAN_SHARE = 0.15  # of the messages
NEEDLES = 10  # messages that hold a word of their own

KINDS = ("two_common", "one_common", "rare", "one_han", "two_han", "prefix", "filtered", "disjoint")


def _search(bench: Bench) -> Mapping[str, Attempt]:
    folder = bench.folder / "search"
    length = bench.of(MILLION, 50_000)
    words = _vocabulary()

    def attempt() -> Measures:
        measures: dict[str, float] = {}
        if not folder.exists():
            asyncio.run(_fill(folder, _texts(words, length)))
            measures["index_s"] = asyncio.run(_index(folder))
            log, index = folder / DATABASE, folder / "search.db"
            measures["index_share"] = index.stat().st_size / log.stat().st_size
        with bench.hubbub_on(folder) as server:
            for kind in KINDS:
                taken = [_ask(server.port, query) for query in _queries(kind, words)]
                measures[f"{kind}_p95_ms"] = sorted(taken)[int(len(taken) * 0.95)]
        return measures

    return {HUBBUB: attempt}


def _queries(kind: str, words: Sequence[str]) -> Iterator[str]:
    """What is asked, each a little different, so that nothing is answered from memory of it."""
    chance = random.Random(kind)  # noqa: S311 - the same at each run
    for _ in range(ASKED):
        common = chance.sample(words[:20], 2)
        match kind:
            case "two_common":
                yield " ".join(common)
            case "one_common":
                yield common[0]
            case "rare":
                yield f"needle{chance.randrange(NEEDLES)}"
            case "one_han":
                yield chance.choice(HAN)
            case "two_han":
                yield "".join(chance.sample(HAN, 2))
            case "prefix":
                yield f"{chance.choice(words)[: chance.randint(1, 4)]}*"
            case "filtered":
                room, user = chance.randrange(ROOMS), chance.randrange(PEOPLE)
                yield f"{common[0]} in:room{room} from:user{user} before:2024-01-01"
            case "disjoint":
                yield "odd even"


def _ask(port: int, query: str) -> float:
    """Milliseconds until the answer is there, on a connection of its own."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", f"/api/search?q={quote(query)}")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != http.HTTPStatus.OK:
        raise Failed(f"a search was answered with {answer.status}")
    return (time.perf_counter() - began) * 1000


def _vocabulary() -> list[str]:
    """Words that look like words, the most common first."""
    chance = random.Random(1)  # noqa: S311
    syllables = [first + second for first in "bcdfghklmnprstvwz" for second in "aeiou"]
    words = (
        "".join(chance.choices(syllables, k=chance.randint(1, 4))) + chance.choice(("", "n", "s"))
        for _ in itertools.count()
    )
    return list(
        itertools.islice(dict.fromkeys(itertools.islice(words, 4 * VOCABULARY)), VOCABULARY)
    )


def _texts(words: Sequence[str], length: int) -> Iterator[str]:
    """Messages whose words are as often as in a language: the n-th word a n-th as often."""
    chance = random.Random(2)  # noqa: S311
    often = list(itertools.accumulate(1 / place for place in range(1, len(words) + 1)))
    for number in range(length):
        if chance.random() < HAN_SHARE:
            text = "".join(chance.choices(HAN, k=chance.randint(2, 20)))
        else:
            text = " ".join(chance.choices(words, cum_weights=often, k=chance.randint(2, 20)))
        text += " odd" if number % 2 else " even"  # two common words that never meet
        part, rest = divmod(number, length // NEEDLES)
        if rest == 0:
            text += f" needle{part}"
        yield text


async def _fill(folder: Path, texts: Iterator[str]) -> None:
    """Makes a database of these messages, in rooms and by people taken by chance."""
    log = await SqlLog.open(folder, durability="process")
    saved = 0
    progress = asyncio.Event()

    def settled(outcomes: Sequence[Settled]) -> None:
        nonlocal saved
        saved += len(outcomes)
        progress.set()

    log.listen(settled)
    chance = random.Random(3)  # noqa: S311
    rooms = [RoomName.parse(f"room{number}") for number in range(ROOMS)]
    people = [UserName.parse(f"user{number}") for number in range(PEOPLE)]
    for number, text in enumerate(texts):
        user = chance.choice(people)
        at = FIRST_AT + number * SECONDS_BETWEEN * 1000
        log.append(Draft(chance.choice(rooms), Said(UNSEQUENCED, at, user, text)))
        while number - saved >= WAITING:
            progress.clear()
            await progress.wait()
    await log.close()


async def _index(folder: Path) -> float:
    """Indexes it without pauses; returns how many seconds that took."""
    log = await SqlLog.open(folder, durability="process")
    began = time.perf_counter()
    search = SqlSearch.open(folder / DATABASE, log.id, pauses=False)
    async with asyncio.timeout(INDEX_SECONDS):
        while search.behind:  # noqa: ASYNC110 - another thread's work
            await asyncio.sleep(0.05)
    took = time.perf_counter() - began
    await search.close()
    await log.close()
    return took


def _figure(title: str, kind: str, most: float) -> Figure:
    return Figure(title, "ms", HUBBUB, f"{kind}_p95_ms", (at_most(most, "ms"),))


SEARCH = Contest(
    "search",
    "searching a million messages",
    _search,
    figures=(
        _figure("search of a million messages for two common words, p95", "two_common", 50),
        _figure("the same: one common word", "one_common", 50),
        _figure("the same: a word that is there once", "rare", 50),
        _figure("the same: one Chinese character", "one_han", 50),
        _figure("the same: two Chinese characters", "two_han", 50),
        _figure("the same: the beginning of a word", "prefix", 50),
        _figure("the same: a word, a room, a speaker and a day", "filtered", 100),
        _figure("the same: two common words that never meet (cut off)", "disjoint", 400),
    ),
)
