"""What was shown last is written once, however those come by it who are shown it."""

from __future__ import annotations

from hubbub.domain.events import AnyEvent, Joined, Said
from hubbub.domain.names import RoomName, UserName
from hubbub.wire.irc import recent
from hubbub.wire.irc.recent import Recent
from tests.wire.irc.played import Client

GENERAL = RoomName.parse("General")
ADA = UserName.parse("ada")


def said(seq: int, text: str = "hello") -> Said:
    return Said(seq, 1_690_711_200_000, ADA, text)


def test_an_event_is_found_until_twice_as_many_newer_ones_are_kept() -> None:
    kept = Recent()
    events = [said(seq) for seq in range(1, 2 * recent.MOST + 2)]
    for event in events:
        kept.keep(event, 0, "#General", str(event.seq), past=False)
    newest = events[-recent.MOST :]
    assert all(kept.text(one, 0, "#General", past=False) == str(one.seq) for one in newest)
    assert kept.text(events[0], 0, "#General", past=False) is None
    assert len(kept._texts) + len(kept._older) <= 2 * recent.MOST


def test_a_speaker_is_shown_the_very_texts_of_the_others_without_its_own() -> None:
    format = Client().wire.format
    events: list[AnyEvent] = [said(1, "one"), said(2, "two"), said(3, "three")]
    everybody = format.events(GENERAL, events)
    before = format.recent.made
    lines = everybody.splitlines(keepends=True)
    assert format.events_but(GENERAL, events, {2}) == lines[0] + lines[2]
    assert format.events_but(GENERAL, events, {1, 2, 3}) == b""
    assert format.recent.made == before


def test_it_is_shown_them_also_if_another_batch_was_written_meanwhile() -> None:
    format = Client().wire.format
    events: list[AnyEvent] = [said(1, "one"), said(2, "two")]
    format.events(GENERAL, events)
    format.events(GENERAL, [said(3, "three")])
    assert format.events_but(GENERAL, events, {1}).endswith(b" PRIVMSG #General :two\r\n")


def test_of_texts_nothing_differs_from_client_to_client() -> None:
    format = Client().wire.format
    renamed = Joined(2, 0, ADA, by_id="u1", was="eve")  # type: ignore[arg-type]
    assert format.differ([said(1), said(3)]) is None
    assert format.differ([said(1), renamed]) is not None
