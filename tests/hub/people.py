"""People with accounts in the tests of the hub, and what they do about one another."""

from __future__ import annotations

from typing import Any

from hubbub.domain import commands as ask
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import Role, RoomAccess
from tests.hub.chat import Chat, Person

SECRET = "correct horse battery"

Access = RoomAccess


async def settle(chat: Chat) -> None:
    """All is done that was begun, and on disk."""
    await chat.quiet()
    while chat.log.waiting:
        chat.commit()
        await chat.quiet()


async def account(chat: Chat, name: str, *rooms: str) -> Person:
    """Somebody with a new account who has joined ``rooms``, and owns those that were not there."""
    person = chat.connect().hello(name)
    await settle(chat)
    person.send(ask.Register(password=SECRET))
    await settle(chat)
    for room in rooms:
        person.join(room)
        await settle(chat)
    person.news()
    return person


async def log_in(chat: Chat, name: str, *rooms: str) -> Person:
    """Another connection of an account."""
    person = chat.connect().send(ask.Hello(user=UserName.parse(name), password=SECRET))
    await settle(chat)
    for room in rooms:
        person.join(room)
        await settle(chat)
    person.news()
    return person


async def server_owner(chat: Chat, name: str = "root", *rooms: str) -> Person:
    """The account that owns the server."""
    person = await account(chat, name)
    assert chat.hub.owner_code is not None
    person.send(ask.Own(code=chat.hub.owner_code))
    await settle(chat)
    for room in rooms:
        person.join(room)
        await settle(chat)
    person.news()
    return person


async def do(
    person: Person, kind: type[ask.Command], room: str = "Lab", **fields: Any
) -> list[str]:
    """Sends a command about ``room``; returns what the person hears meanwhile."""
    if isinstance(user := fields.get("user"), str) and kind is not ask.Unban:
        fields["user"] = UserName.parse(user)
    if isinstance(name := fields.get("name"), str):
        fields["name"] = RoomName.parse(name)
    if isinstance(users := fields.get("users"), tuple):
        fields["users"] = tuple(map(UserName.parse, users))
    if "room" in kind.__struct_fields__:
        fields["room"] = RoomName.parse(room)
    person.news()
    person.send(kind(**fields))
    await settle(person.chat)
    return person.news()


async def private(chat: Chat, *members: Person, room: str = "Lab") -> None:
    """``room`` is its members' alone: the first one owns it, the others are in it."""
    owner, *others = members
    for other in others:
        other.join(room)
    await settle(chat)
    assert not [
        one for one in await do(owner, ask.SetRules, room, access=Access.MEMBERS) if "error" in one
    ]
    for member in members:
        member.news()


def role(who: str) -> Role:
    """The role of that name."""
    return Role(who)
