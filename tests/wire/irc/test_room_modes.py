"""Modes of rooms: what is asked for, and what an event says in letters."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hubbub.domain.commands import SetRules
from hubbub.domain.events import RoleGiven, RulesSet
from hubbub.domain.ids import UserId
from hubbub.domain.replies import Members
from hubbub.domain.rules import Role, RoomAccess, Speakers, Topics
from hubbub.domain.state import RULES as FIELDS
from hubbub.domain.state import RoomFacts, changed_facts
from hubbub.wire.irc import modes
from hubbub.wire.irc.asked import MAX_KEY_CHARS, Wish, new_rules, wishes
from hubbub.wire.irc.modes import letters_of, prefix, role_changes
from hubbub.wire.irc.rulewords import rest_of, rule_changes
from tests.wire.irc.played import Client

OPEN = RoomFacts()

FACTS = st.builds(
    RoomFacts,
    access=st.sampled_from([one for one in RoomAccess if one is not RoomAccess.DIRECT]),
    speak=st.sampled_from(Speakers),
    guests=st.booleans(),
    topics=st.sampled_from(Topics),
    outside=st.booleans(),
    most=st.integers(0, 3),
    signals=st.booleans(),
)


def asked(words: str, now: RoomFacts = OPEN) -> dict[str, Any]:
    return new_rules(now, wishes(words.split())).fields


def applied(letters: dict[str, str | None], params: list[str]) -> dict[str, str | None]:
    """The modes of a client after it has read the parameters of a MODE."""
    after = dict(letters)
    for wish in wishes_of_clients(params):
        if wish.on:
            after[wish.letter] = wish.param
        else:
            after.pop(wish.letter, None)
    return after


def wishes_of_clients(params: list[str]) -> list[Wish]:
    """As clients read a MODE: by the groups of CHANMODES."""
    _, key, limit, _ = modes.CHANMODES.split(",")
    rest = iter(params[1:])
    on, found = True, []
    for letter in params[0] if params else "":
        if letter in "+-":
            on = letter == "+"
            continue
        takes = letter in key or (letter in limit and on)
        found.append(Wish(letter, on, next(rest) if takes else None))
    return found


@given(FACTS, FACTS)
def test_a_mode_line_makes_of_what_a_client_knows_what_holds_now(
    before: RoomFacts, after: RoomFacts
) -> None:
    event = RulesSet(1, 0, "ada", **{rule: getattr(after, rule) for rule in FIELDS})
    assert applied(letters_of(before), rule_changes(before, event)) == letters_of(after)


@given(FACTS, FACTS)
def test_who_does_not_know_what_held_before_knows_it_after_a_mode_line(
    before: RoomFacts, after: RoomFacts
) -> None:
    event = RulesSet(1, 0, "ada", **{rule: getattr(after, rule) for rule in FIELDS})
    assert applied(letters_of(before), rule_changes(None, event)) == letters_of(after)


@given(FACTS)
def test_what_is_told_of_a_room_can_be_asked_for(facts: RoomFacts) -> None:
    letters = letters_of(facts)
    values = ["secret" if letter == "k" else value for letter, value in letters.items() if value]
    fields = new_rules(OPEN, wishes(["+" + "".join(letters), *values])).fields
    password = fields.pop("password", None)
    assert (password is not None) is (facts.access is RoomAccess.LOCKED)
    after = replace(OPEN, **changed_facts(OPEN, RulesSet(1, 0, "ada", **fields)))
    assert letters_of(after) == letters


@given(FACTS)
def test_taking_all_letters_away_opens_a_room(facts: RoomFacts) -> None:
    fields = new_rules(facts, wishes(["-" + "".join(letters_of(facts))])).fields
    after = replace(facts, **changed_facts(facts, RulesSet(1, 0, "ada", **fields)))
    assert letters_of(after) == {}


@pytest.mark.parametrize(
    "words, fields",
    [
        ("+int", {"access": RoomAccess.MEMBERS, "outside": False, "topics": Topics.MODERATORS}),
        ("+k beer", {"access": RoomAccess.LOCKED, "password": "beer"}),
        ("+kl beer 5", {"access": RoomAccess.LOCKED, "password": "beer", "most": 5}),
        ("+l-l 5", {}),
        ("+k-k beer beer", {}),
        ("n", {"outside": False}),
        ("-n", {}),
        ("+s +m", {"access": RoomAccess.UNLISTED, "speak": Speakers.VOICES}),
        ("+is", {"access": RoomAccess.MEMBERS}),
        ("+si", {"access": RoomAccess.MEMBERS}),
    ],
)
def test_letters_are_rules(words: str, fields: dict[str, Any]) -> None:
    assert asked(words) == fields


def test_what_holds_already_is_not_asked_for() -> None:
    assert asked("+n-t", replace(OPEN, outside=False)) == {}


def test_a_new_key_is_set_also_where_there_is_one() -> None:
    assert asked("+k wine", replace(OPEN, access=RoomAccess.LOCKED)) == {"password": "wine"}


@pytest.mark.parametrize("letter", "ks")
def test_what_is_private_is_not_opened_by_a_lesser_mode(letter: str) -> None:
    private = replace(OPEN, access=RoomAccess.MEMBERS)
    new = new_rules(private, [Wish(letter, True, "beer")])
    assert (new.fields, new.stricter) == ({}, [(letter, "i")])


@pytest.mark.parametrize("value", ["", "0", "-1", "abc", "1e3", "٣", "9" * 12])
def test_a_limit_is_a_number(value: str) -> None:
    new = new_rules(OPEN, [Wish("l", True, value)])
    assert new.fields == {}
    assert [wrong.letter for wrong in new.wrong] == ["l"]


@pytest.mark.parametrize("key", ["", "two words", "a,b", ":a", "x" * (MAX_KEY_CHARS + 1)])
def test_a_key_can_be_typed_in_a_join(key: str) -> None:
    new = new_rules(OPEN, [Wish("k", True, key)])
    assert new.fields == {}
    assert [wrong.letter for wrong in new.wrong] == ["k"]


def test_an_event_that_modes_tell_in_part_leaves_the_rest() -> None:
    event = RulesSet(1, 0, "ada", outside=False, slow=30)
    assert rule_changes(OPEN, event) == ["+n"]
    assert rest_of(event) == RulesSet(1, 0, "ada", slow=30)
    assert rest_of(RulesSet(1, 0, "ada", outside=False)) is None


def test_a_new_key_of_a_locked_room_is_told() -> None:
    locked = replace(OPEN, access=RoomAccess.LOCKED)
    assert rule_changes(locked, RulesSet(1, 0, "ada", password=True)) == ["+k", "*"]


# Roles


def nicks(letters: str) -> set[str]:
    """The modes of somebody after a client has read the letters of a MODE about them alone."""
    return _role_letters(set(), letters)


def _role_letters(before: set[str], letters: str) -> set[str]:
    on, after = True, set(before)
    for letter in letters:
        if letter in "+-":
            on = letter == "+"
        elif on:
            after.add(letter)
        else:
            after.discard(letter)
    return after


@pytest.mark.parametrize("after", Role)
@pytest.mark.parametrize("before", Role)
@pytest.mark.parametrize("known", [True, False])
def test_clients_show_the_role_that_somebody_has(before: Role, after: Role, known: bool) -> None:
    """Whether they have heard of the role before by NAMES with all prefixes, or by a MODE."""
    letters = role_changes(before if known else None, after)
    by_names = {
        letter
        for letter, sign in modes.PREFIXES.items()
        if sign in prefix(before, all_of_them=True)
    }
    for had in (by_names, nicks(role_changes(Role.MEMBER, before))):
        has = _role_letters(had, letters)
        highest = next((letter for letter in modes.PREFIXES if letter in has), "")
        assert modes.PREFIXES.get(highest, "") == prefix(after, all_of_them=False)


def test_every_role_has_a_letter_that_gives_it() -> None:
    assert {modes.ROLES[letter] for letter in modes.LETTERS.values()} == set(modes.LETTERS)
    assert set(modes.PREFIXES) == set(modes.ROLES)


# Events that come together


def role_given(role: Role, seq: int) -> RoleGiven:
    return RoleGiven(seq, 0, "ben", "eve", UserId("3"), role=role, by_id=UserId("2"))


def test_events_that_are_shown_together_each_begin_where_the_last_one_ended() -> None:
    ada = Client()
    ada.world.shown = 4
    lines = ada.shown(
        role_given(Role.VOICE, 5), role_given(Role.MODERATOR, 6), role_given(Role.MEMBER, 7)
    )
    assert [line.partition(" ")[2] for line in lines] == [
        "MODE #General +v eve",
        "MODE #General +h eve",
        "MODE #General -hv eve eve",
    ]


def test_the_same_events_are_the_same_for_the_next_client() -> None:
    ada = Client()
    ada.world.shown = 4
    events = (
        RulesSet(5, 0, "ben", speak=Speakers.VOICES),
        RulesSet(6, 0, "ben", speak=Speakers.ALL),
    )
    assert ada.shown(*events) == ada.shown(*events)
    assert [line.rpartition(" ")[2] for line in ada.shown(*events)] == ["+m", "-m"]


def test_what_is_caught_up_with_takes_away_all_that_may_have_been() -> None:
    ada = Client()
    ada.world.shown = 9
    assert ada.shown(role_given(Role.VOICE, 5))[0].endswith("MODE #General -oh+v eve eve eve")
    lines = ada.shown(RulesSet(6, 0, "ben", speak=Speakers.VOICES))
    assert lines[0].endswith("MODE #General -M+m")


def test_one_mode_line_is_one_change() -> None:
    ada = Client()
    ada.sends("MODE #General +mnt-i")
    (command,) = ada.answered(Members(room="General", users=["ada"]))
    assert command == SetRules(
        room=command.room,  # type: ignore[attr-defined]
        speak=Speakers.VOICES,
        outside=False,
        topics=Topics.MODERATORS,
    )
