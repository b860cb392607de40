from __future__ import annotations

import pytest

from hubbub.domain import errors
from hubbub.domain.errors import ChatError

CODES = {
    "AlreadyNamed": "already-named",
    "BadCursor": "bad-cursor",
    "BadMessage": "bad-message",
    "BadTicket": "bad-ticket",
    "EmptyText": "empty-text",
    "Filtered": "filtered",
    "Forbidden": "banned",
    "GuestsOff": "guests-off",
    "Held": "held",
    "InternalError": "internal-error",
    "InvalidName": "invalid-name",
    "LineTooLong": "line-too-long",
    "LogUnavailable": "log-unavailable",
    "NameTaken": "name-taken",
    "NeedAccount": "need-account",
    "NeedCode": "need-code",
    "NeedInvitation": "need-invitation",
    "NeedName": "need-name",
    "NeedPassword": "need-password",
    "NoSuchRoom": "no-such-room",
    "NoSuchTask": "no-such-task",
    "NoSuchUser": "no-such-user",
    "NotAllowed": "not-allowed",
    "NotInRoom": "not-in-room",
    "RateLimited": "rate-limited",
    "RegistrationClosed": "registration-closed",
    "RoomFull": "room-full",
    "RoomHasTexts": "room-has-texts",
    "RoomInUse": "room-in-use",
    "RoomStays": "room-stays",
    "SearchUnavailable": "search-unavailable",
    "ShuttingDown": "shutting-down",
    "SignOnFailed": "sign-on-failed",
    "TextTooLong": "text-too-long",
    "TooMany": "too-many",
    "TooManyRooms": "too-many-rooms",
    "TooManySessions": "too-many-sessions",
    "WeakPassword": "weak-password",
    "WrongPassword": "wrong-password",
    "WrongToken": "wrong-token",
}
"""Clients of all versions know these: add to them, never change one."""


def kinds() -> list[type[ChatError]]:
    found = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    return [kind for kind in found if issubclass(kind, ChatError) and kind is not ChatError]


def test_each_error_has_the_code_that_clients_know() -> None:
    assert {kind.__name__: kind.code for kind in kinds()} == CODES


def test_a_code_is_of_one_error_only() -> None:
    codes = [ChatError.code, *(kind.code for kind in kinds())]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("kind", kinds())
def test_an_error_says_which_rule_it_stands_for(kind: type[ChatError]) -> None:
    assert kind.__doc__


def test_an_error_is_a_sentence_with_what_helps() -> None:
    error = errors.RateLimited("You are too fast.", retry_after=1.5)
    assert str(error) == error.message == "You are too fast."
    assert (error.suggestion, error.retry_after) == (None, 1.5)
    assert errors.NameTaken("It is taken.", suggestion="ada2").suggestion == "ada2"
