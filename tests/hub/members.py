"""People with accounts, as the hub's tests meet them."""

from __future__ import annotations

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import RoomAccess
from tests.hub.chat import Chat, Person

PASSWORD = "correct horse battery"
OTHER = "a quite different one"
ELSEWHERE = "198.51.100.7"


async def settle(chat: Chat, rounds: int = 3) -> None:
    """All that was asked for is done: hashed, on disk, and told."""
    for _ in range(rounds):
        await chat.quiet()
        chat.commit()
    await chat.quiet()


async def register(chat: Chat, name: str, *rooms: str, line: bool = False) -> Person:
    """Somebody who has an account, is in ``rooms``, and has heard the news."""
    person = chat.enter(name, *rooms, line=line)
    person.send(ask.Register(password=PASSWORD))
    await settle(chat)
    assert person.last(told.Welcome).account, person.received
    person.news()
    return person


async def log_in(
    chat: Chat,
    name: str,
    *rooms: str,
    password: str | None = PASSWORD,
    token: str | None = None,
    address: str = "192.0.2.1",
    line: bool = False,
    code: str | None = None,
) -> Person:
    """Somebody who has tried to log in, and joined ``rooms`` then; the news is not heard."""
    person = chat.connect(address, line=line)
    person.send(
        ask.Hello(
            user=UserName.parse(name), password=password, token=token, code=code, client="test 1"
        )
    )
    await settle(chat)
    for room in rooms:
        person.join(room)
        await settle(chat)
    return person


async def ask_for(chat: Chat, person: Person, *commands: ask.Command) -> list[str]:
    """The news of a person who has asked for something that takes its time."""
    person.news()
    person.send(*commands)
    await settle(chat)
    return person.news()


async def private_room(chat: Chat, owner: Person, name: str, *members: Person) -> None:
    """A room that ``owner`` makes private, and ``members`` have come in."""
    room = RoomName.parse(name)
    owner.join(name)
    await settle(chat)
    owner.send(ask.SetRules(room=room, access=RoomAccess.MEMBERS))
    await settle(chat)
    for member in members:
        assert member.session.user is not None
        owner.send(ask.Invite(room=room, user=member.session.user.name))
        await settle(chat)
        member.join(name)
        await settle(chat)
    for person in (owner, *members):
        person.news()


def id_of(person: Person) -> str:
    """Who somebody is, for good."""
    assert person.session.user is not None
    assert person.session.user.id is not None
    return person.session.user.id


def devices_of(chat: Chat, name: str) -> list[str]:
    """The clients of the devices on which ``name`` is logged in, by the log."""
    account = chat.hub.access.account(UserName.parse(name))
    assert account is not None
    return [one.client for one in chat.log.disk.devices.values() if one.user == account.id]
