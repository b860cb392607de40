"""What no client says that means well: nothing of it is more than a refusal, in words."""

from __future__ import annotations

from itertools import product

import pytest

from hubbub.domain.errors import NoSuchRoom
from hubbub.wire.irc.commands import COMMANDS
from hubbub.wire.irc.directory import Known
from hubbub.wire.irc.showing import is_put_out
from tests.fuzz.irc import ALL, check
from tests.wire.irc.played import NOW, Client, Newcomer

HUGE = "9" * 400
STRANGE = (" ", ":", "#", "@", "*", ",", "\x01", "\u00a0", "#a\u2028b", HUGE, f"#general/{HUGE}")


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_strange_words_are_refused(command: str) -> None:
    for strange, before, count in product(STRANGE, ("#General", "ben", "+"), range(4)):
        for client in (Client(ALL), Newcomer()):
            client.sends(f"{command} {f'{before} ' * count}:{strange}")
            while client.wire._running is not None:
                client.answered(NoSuchRoom("There is none."))
            check(client.wire.output())


@pytest.mark.parametrize("asks", ["MODE ben", "VERSION ben", "MOTD ben", "WHOIS ben", "WHOWAS ben"])
def test_who_does_not_want_to_be_seen_is_found_by_nothing(asks: str) -> None:
    client, nobody = Client(), Client()
    client.wire.host.arrives("ben", Known("ben", "Ben", NOW, NOW))
    client.world.gone.add("ben")  # as far as ada may know
    client.sends(asks)
    nobody.sends(asks.replace("ben", "bob"))
    assert client.lines() == [line.replace("bob", "ben") for line in nobody.lines()]


@pytest.mark.parametrize("reason", ["bye", "x KICK #General ada :x"])
def test_a_reason_puts_nobody_out(reason: str) -> None:
    client = Client()
    by_ben = ":ben!~ben@guest/1 KICK #General"
    assert not is_put_out(f"{by_ben} ben :{reason}\r\n", "#General", client.wire.nick)
    assert is_put_out(f"@time=now {by_ben} ada :{reason}\r\n", "#General", client.wire.nick)
