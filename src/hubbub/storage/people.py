"""What a group changes of guests, accounts, secrets, devices and markers, as rows. No SQL."""

from __future__ import annotations

from hubbub.domain.ids import UserId, number_of
from hubbub.domain.names import UserName
from hubbub.hub.ports import (
    DeviceRecord,
    DeviceSeen,
    Entry,
    ForgetDevices,
    ForgetGuest,
    Guest,
    KeepDevice,
    KeepGuest,
    KeepMarkers,
    KeepReaders,
    KeepSecret,
    SecretKind,
)


class StagedPeople:
    """What a group changes beside the logs: rows for `hubbub.storage.people_rows` to write.

    ``users``: the names that they have now, by their numbers. ``closed``: whose accounts go, before
    those in ``accounts`` come, each with the time. ``emptied``: those of them who take along what
    they said. ``secrets``: None is for one that goes.
    """

    def __init__(self) -> None:
        self.users: dict[int, str] = {}
        self.accounts: dict[int, int] = {}
        self.closed: set[int] = set()
        self.emptied: set[int] = set()
        self.guests: StagedGuests | None = None
        self.secrets: dict[tuple[str, int], str | None] = {}
        self.devices: StagedDevices | None = None
        self.markers: list[tuple[object, ...]] = []
        self.readers: list[tuple[str, int, int, int, str]] = []

    def take(self, entry: Entry) -> None:
        """Adds what ``entry`` changes; nothing if it is about a room."""
        match entry:
            case KeepGuest():
                self._guests().keep(entry.guest)
                self.users[number_of(entry.guest.id)] = str(entry.guest.name)
            case ForgetGuest():
                self._guests().forget(entry.guest)
            case KeepMarkers(markers):
                self.markers += [(one.seq, number_of(one.user), one.room.key) for one in markers]
            case KeepReaders(markers=read):
                self.readers += [
                    (one.reader, one.seq, one.at, number_of(one.user), one.room.key) for one in read
                ]
            case KeepSecret(kind, owner, value) if kind is not SecretKind.ROOM:
                self.secrets[kind.value, number_of(UserId(owner))] = value
            case KeepDevice(device):
                self._devices().keep(device)
            case DeviceSeen(user, seen_device, seen):
                self._devices().seen.append((seen, number_of(user), seen_device, seen))
            case ForgetDevices():
                self._devices().forget(entry)

    def enter(self, user: int, name: UserName, *, registered: int | None) -> None:
        """``user`` has come into a room as ``name``; or has the account since ``registered``."""
        self.users[user] = str(name)  # who has no token comes into it by this
        if registered is not None:
            self.accounts.setdefault(user, registered)
            self._guests().register(user)

    def close(self, user: int, *, emptied: bool) -> None:
        """``user`` has no account any more."""
        self.closed.add(user)
        if emptied:
            self.emptied.add(user)
        self.accounts.pop(user, None)

    def _guests(self) -> StagedGuests:
        if self.guests is None:
            self.guests = StagedGuests()
        return self.guests

    def _devices(self) -> StagedDevices:
        if self.devices is None:
            self.devices = StagedDevices()
        return self.devices


class StagedGuests:
    """What a group changes of the guests.

    First those go whose key is in ``replaced``, those whose key and id are in ``forgotten``, and
    all of those who are ``registered``; then `rows` come. This is the same as one after another in
    the group's order.
    """

    def __init__(self) -> None:
        self.replaced: list[tuple[str]] = []
        self.forgotten: list[tuple[str, int]] = []
        self.registered: set[int] = set()
        self._kept: dict[str, Guest] = {}

    def keep(self, guest: Guest) -> None:
        """``guest`` has the name now."""
        self._kept[guest.name.key] = guest
        self.replaced.append((guest.name.key,))

    def forget(self, guest: Guest) -> None:
        """``guest`` does not have the name any more."""
        key = guest.name.key
        kept = self._kept.get(key)
        if kept is not None and kept.id == guest.id:
            del self._kept[key]
        self.forgotten.append((key, number_of(guest.id)))

    def register(self, user: int) -> None:
        """``user`` has an account: what they were called before is no other way into it."""
        self._kept = {key: one for key, one in self._kept.items() if number_of(one.id) != user}
        self.registered.add(user)

    @property
    def keys(self) -> set[str]:
        """The names that change hands, or may."""
        return {key for (key,) in self.replaced} | {key for key, _ in self.forgotten}

    def rows(self) -> list[tuple[object, ...]]:
        """Those who are there after the group and were kept by it."""
        return [
            (key, str(guest.name), number_of(guest.id), guest.token_hash)
            for key, guest in self._kept.items()
        ]


class StagedDevices:
    """What a group changes of the devices.

    First those go that are ``only`` or among ``others``, all of a user's but one; then `rows` come,
    and those that are there by then were ``seen``.
    """

    def __init__(self) -> None:
        self.only: list[tuple[int, str]] = []
        self.others: list[tuple[int, str]] = []
        self.seen: list[tuple[int, int, str, int]] = []
        self._kept: dict[str, DeviceRecord] = {}

    def keep(self, device: DeviceRecord) -> None:
        """``device`` is there, as it is now."""
        self._kept[device.id] = device

    def forget(self, which: ForgetDevices) -> None:
        """They are not there any more."""
        user = number_of(which.user)
        if which.only is not None:
            self.only.append((user, which.only))
        else:
            self.others.append((user, which.but or ""))  # no device is called ""
        self._kept = {id: one for id, one in self._kept.items() if not is_forgotten_by(which, one)}

    @property
    def users(self) -> list[tuple[int]]:
        """Whose devices were kept."""
        return [(user,) for user in sorted({number_of(one.user) for one in self._kept.values()})]

    def rows(self) -> list[tuple[object, ...]]:
        """Those that are there after the group and were kept by it."""
        return [
            (id, number_of(one.user), *(getattr(one, name) for name in one.__struct_fields__[2:]))
            for id, one in self._kept.items()
        ]


def is_forgotten_by(entry: ForgetDevices, device: DeviceRecord) -> bool:
    """Whether ``entry`` deletes ``device``."""
    if device.user != entry.user:
        return False
    return device.id != entry.but if entry.only is None else device.id == entry.only
