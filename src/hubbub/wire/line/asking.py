"""The questions whose answer is a secret, or for somebody to think about: one line each.

`answered` says what an answer asks the server for, and which question is open then; `refused`, what
is asked when the server has refused that. Both are pure, and serve the plain client, too.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from hubbub.domain import commands as ask
from hubbub.domain.commands import Command
from hubbub.domain.errors import (
    BadTicket,
    LogUnavailable,
    NeedCode,
    NeedInvitation,
    RateLimited,
    WeakPassword,
    WrongPassword,
)
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.passwords import MIN_CHARS
from hubbub.domain.tickets import invitation_code

AGAIN = (WeakPassword.code, WrongPassword.code, RateLimited.code, LogUnavailable.code)
"""After these people give a password once more: it must not be taken for something to say."""
MOST_WRONG = 3  # passwords of one connection, then it ends: a person looks for a note by then

NOT_YOURS = (
    'The name "{}" belongs to an account. If it is not yours, an empty line or /login takes you '
    "back."
)
THIRD_WRONG = "That was the third wrong try. Please connect again when you have what it takes."
UNCHANGED = "Nothing was changed."
UNLIKE = "These were not the same."
CHANGED = "Your password is changed. Your other devices are logged out."
FACTOR_OFF = "Your second factor is off: your password alone lets you in."
RESET = "The new password is set. Come in with it: /login, or your name."


class Ask(Enum):
    """What is asked; the value is the question, with what it is about."""

    LOGIN = "Password for {}:"
    CODE = "Code for {}:"
    ROOM = "Password of the room {}:"
    REGISTER = f"Choose a password with {MIN_CHARS} characters or more, or an empty line for none:"
    NEWCOMER = f"To make an account {{}}, choose a password with {MIN_CHARS} characters or more:"
    INVITATION = "The link or the code of your invitation, or an empty line if you have none:"
    OLD = "Your password until now, or an empty line to keep it:"
    NEW = "Your new password:"
    CLOSE = "This ends your account for good. Your password, or an empty line to keep it:"
    EMPTY = (
        "This ends your account for good, and takes away all that you said. Your password, or an "
        "empty line to keep it:"
    )
    FACTOR = "From then on a code of your phone is asked for, too. Your password, please:"
    FACTOR_OFF = "This turns your second factor off. Your password, or an empty line to keep it:"
    CONFIRM = "The code that the app shows now, or an empty line to change nothing:"
    RESET = f"A new password for {{}}, with {MIN_CHARS} characters or more:"
    RESET_AGAIN = "The same once more:"


class Question(Struct, frozen=True):
    """An open one. ``about``: a name. ``given``: what was given before.

    ``sent``: it was answered, and the server has not said yet whether that will do.
    """

    ask: Ask
    about: str = ""
    given: str = ""
    sent: bool = False

    @property
    def text(self) -> str:
        """The line that asks."""
        return self.ask.value.format(self.about)


class Step(NamedTuple):
    """What comes of an answer: a command, and the question that is open then, if any.

    ``told``: of an answer that will not do.
    """

    command: Command | None
    question: Question | None = None
    told: str | None = None


def answered(question: Question, answer: str) -> Step:
    """What ``answer``, which is not empty, asks for."""
    about, given, word = question.about, question.given, answer.strip()
    sent = replace(question, given=answer, sent=True)
    match question.ask:
        case Ask.LOGIN:
            return Step(ask.Hello(user=UserName.parse(about), password=answer, id=about), sent)
        case Ask.CODE:
            name = UserName.parse(about)
            return Step(
                ask.Hello(user=name, password=given, code=word, id=about),
                replace(question, sent=True),
            )
        case Ask.ROOM:
            return Step(ask.Join(room=RoomName.parse(about), password=answer), sent)
        case Ask.REGISTER | Ask.NEWCOMER:
            return Step(ask.Register(user=_user(about), password=answer), sent)
        case Ask.INVITATION:
            code = invitation_code(word)
            command = ask.Register(user=_user(about), password=given, invite=code)
            return Step(command, replace(question, sent=True))
        case Ask.OLD:
            return Step(None, Question(Ask.NEW, given=answer))
        case Ask.NEW:
            change = ask.ChangePassword(old=given, new=answer, id=CHANGED)
            return Step(change, replace(question, sent=True))
        case Ask.CLOSE | Ask.EMPTY:
            return Step(ask.CloseAccount(password=answer, empty=question.ask is Ask.EMPTY), sent)
        case Ask.FACTOR:
            return Step(ask.BeginFactor(password=answer), sent)
        case Ask.FACTOR_OFF:
            return Step(ask.EndFactor(password=answer, id=FACTOR_OFF), sent)
        case Ask.CONFIRM:
            return Step(ask.ConfirmFactor(code=word), sent)
        case Ask.RESET:
            return Step(None, Question(Ask.RESET_AGAIN, about, f"{given} {answer}"))
        case Ask.RESET_AGAIN:
            code, _, first = given.partition(" ")
            if answer != first:
                return Step(None, Question(Ask.RESET, about, code), UNLIKE)
            reset = ask.ResetPassword(
                user=UserName.parse(about), code=code, password=answer, id=RESET
            )
            return Step(reset, replace(question, sent=True))


def refused(question: Question, code: str) -> Question | None:
    """The question that is open when what was answered to ``question`` was refused.

    ``code`` is that of the error.
    """
    if not question.sent:
        return question  # it was about something else
    again = replace(question, sent=False)
    match question.ask, code:
        case (Ask.LOGIN, NeedCode.code) | (Ask.CODE, NeedCode.code):
            return Question(Ask.CODE, question.about, question.given)
        case Ask.CODE, RateLimited.code:
            return again
        case ((Ask.LOGIN | Ask.CODE), _):
            return Question(Ask.LOGIN, question.about)
        case ((Ask.REGISTER | Ask.NEWCOMER), NeedInvitation.code):
            return Question(Ask.INVITATION, question.about, question.given)
        case (Ask.INVITATION, BadTicket.code) | (Ask.CONFIRM, NeedCode.code | RateLimited.code):
            return again
        case ((Ask.NEWCOMER | Ask.INVITATION), WeakPassword.code) if question.about:
            return Question(Ask.NEWCOMER, question.about)
        case Ask.RESET_AGAIN, WeakPassword.code:
            return Question(Ask.RESET, question.about, question.given.partition(" ")[0])
        case Ask.NEW, WeakPassword.code:
            return again
        case Ask.NEW, _ if code in AGAIN:
            return Question(Ask.OLD)
        case (
            (Ask.REGISTER | Ask.CLOSE | Ask.EMPTY | Ask.FACTOR | Ask.FACTOR_OFF | Ask.ROOM),
            _,
        ) if code in AGAIN:
            return Question(question.ask, question.about)
    return None


def _user(name: str) -> UserName | None:
    """Whose account is to be made; None: one's own."""
    return UserName.parse(name) if name else None
