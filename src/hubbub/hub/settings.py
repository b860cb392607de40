"""The settings that the hub uses. Values are checked where they are read (`hubbub.config`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from hubbub.setting import names
from hubbub.setting.declaration import Group, Setting
from hubbub.setting.kinds import (
    GIB,
    KIB,
    MIB,
    Checked,
    Choice,
    Number,
    Place,
    Seconds,
    Size,
    Text,
    Whole,
)

ALL_HISTORY = -1
"""`HubSettings.history_on_join` that means: from the room's first event on."""

NO_LIMIT = "no limit"


@dataclass(frozen=True, kw_only=True)
class ClientLimits:
    """The limits that both the hub and the connections have to know."""

    line_bytes: Annotated[
        int,
        Setting(Group.LIMITS, Size(2 * KIB, MIB), "Bytes of one line or frame from a client."),
    ] = 32 * KIB
    sessions_per_address: Annotated[
        int,
        Setting(
            Group.LIMITS,
            Whole(0, 1_000_000, zero=NO_LIMIT),
            "Connections of one client: an IPv4 address, an IPv6 /64, or this computer, which may "
            "have twice as many; an IPv6 /48 may have ten times as many in all. A new one replaces "
            "the oldest one that has given no name. 0: no limit, and no other budget for a client: "
            "for use behind a proxy that is none of the trusted-proxies, as everyone has its "
            "address.",
        ),
    ] = 100


@dataclass(frozen=True, kw_only=True)
class HubSettings(ClientLimits):
    """What sessions may do, and how much is kept and may wait."""

    free_disk_bytes: Annotated[
        int,
        Setting(
            Group.STORAGE,
            Size(0, 1024 * GIB),
            "Bytes of the disk that are kept free: with less left, nobody can say anything, and "
            "all can be read.",
        ),
    ] = 64 * MIB
    disk_warning_bytes: Annotated[
        int,
        Setting(
            Group.STORAGE,
            Size(0, 1024 * GIB),
            "Bytes left on the disk from which on the server's owner is warned.",
        ),
    ] = GIB
    file_bytes: Annotated[
        int,
        Setting(
            Group.STORAGE,
            Size(KIB, 64 * GIB, zero="no files are taken"),
            "Bytes of the largest file that people may send; 0: no files are taken.",
        ),
    ] = 25 * MIB
    files_per_user_bytes: Annotated[
        int,
        Setting(
            Group.STORAGE,
            Size(KIB, 1024 * GIB, zero=NO_LIMIT),
            "Bytes that all files of one person may take; guests at one address may send as many "
            "within a day. 0: no limit.",
        ),
    ] = GIB
    files_in_all_bytes: Annotated[
        int,
        Setting(
            Group.STORAGE,
            Size(MIB, 1024 * 1024 * GIB, zero=NO_LIMIT),
            "Bytes that the files of all people may take; what several have is stored, and "
            "counted, once. 0: no limit but that of the disk (free-disk-bytes).",
        ),
    ] = 0
    node_name: Annotated[
        str,
        Setting(
            Group.STORAGE,
            Checked(names.printable, "a word for people", nothing="the computer's name"),
            "What this server is called among several on one database.",
        ),
    ] = ""
    lease_seconds: Annotated[
        float,
        Setting(
            Group.STORAGE,
            Seconds(3, 600),
            "Among several servers: seconds without a word after which the others take this one "
            "for dead. Its guests have left within twice that.",
        ),
    ] = 15.0
    queue_events: Annotated[
        int,
        Setting(
            Group.STORAGE,
            Whole(100, 1_000_000),
            "Messages that may wait to be saved before senders have to wait.",
        ),
    ] = 10_000
    queue_bytes: Annotated[
        int,
        Setting(
            Group.STORAGE,
            Size(MIB, 4 * GIB),
            "Bytes of text that may wait to be saved before senders have to wait.",
        ),
    ] = 16 * MIB

    guests: Annotated[
        str,
        Setting(
            Group.PEOPLE,
            Choice("on", "off"),
            "Whether people come in without an account, under any name that is free.",
        ),
    ] = "on"
    registration: Annotated[
        str,
        Setting(
            Group.PEOPLE,
            Choice("open", "invite", "closed"),
            "Who may make an account: everybody, who was invited, or nobody.",
        ),
    ] = "open"

    weak_passwords: Annotated[
        str,
        Setting(
            Group.PEOPLE,
            Choice("refuse", "allow"),
            "Whether people may choose passwords that are short, or tried first by who guesses.",
        ),
    ] = "refuse"
    newcomer_hours: Annotated[
        int,
        Setting(
            Group.PEOPLE,
            Whole(0, 8760, zero="guests only"),
            "Hours for which a new account is a newcomer, in rooms with rules for newcomers, as "
            "guests always are.",
        ),
    ] = 24
    sign_on_issuer: Annotated[
        str,
        Setting(
            Group.PEOPLE,
            Checked(
                names.issuer,
                "the address of a provider, such as https://id.example.org/realms/team",
                nothing="none",
                metavar="URL",
            ),
            "The OpenID Connect provider with which people may log in (single sign-on), exactly as "
            'it calls itself; "": none. See docs/accounts.md.',
        ),
    ] = ""
    sign_on_client_id: Annotated[
        str,
        Setting(
            Group.PEOPLE,
            Checked(names.printable, "a line of visible text", nothing="none", metavar="ID"),
            "What this server is called at that provider.",
        ),
    ] = ""
    sign_on_secret_file: Annotated[
        Path | None,
        Setting(
            Group.PEOPLE,
            Place(folder=False),
            "File with the secret by which this server proves to the provider who it is. Nobody "
            "else on this computer may read it.",
        ),
    ] = None
    sign_on_name: Annotated[
        str,
        Setting(
            Group.PEOPLE,
            Text(40),
            "What people call the provider, as in the button: Log in with NAME.",
        ),
    ] = "single sign-on"
    public_url: Annotated[
        str,
        Setting(
            Group.PEOPLE,
            Checked(
                names.origin,
                "an address such as https://chat.example.org, without a path",
                nothing="none",
                metavar="URL",
            ),
            "The address at which browsers open this server: links that are made for others begin "
            "with it, and single sign-on needs it (the provider sends people back there, to "
            '/sign-on/callback); "": not known.',
        ),
    ] = ""

    server_name: Annotated[
        str, Setting(Group.ROOMS, Text(64), "The name of this server, which clients show.")
    ] = "Hubbub"
    first_room: Annotated[
        str,
        Setting(
            Group.ROOMS,
            Checked(names.room, "a room's name", nothing="none", metavar="ROOM"),
            'The room that a new server begins with; "" for none.',
        ),
    ] = "General"
    history_on_join: Annotated[
        int,
        Setting(
            Group.ROOMS,
            Whole(0, 1_000_000, words={"all": ALL_HISTORY}),
            "How many of the newest lines of a room (messages, who came and went) are shown to "
            "somebody who joins; all: every one.",
        ),
    ] = 100
    rooms: Annotated[
        int,
        Setting(Group.ROOMS, Whole(0, 1_000_000, zero=NO_LIMIT), "Rooms in all; 0: no limit."),
    ] = 10_000
    rooms_per_session: Annotated[
        int,
        # At least 2: a line client enters the next room before it leaves the last one.
        Setting(Group.ROOMS, Whole(2, 10_000), "Rooms that one connection may be in at once."),
    ] = 50
    silent_room_seconds: Annotated[
        float,
        Setting(
            Group.ROOMS,
            Seconds(0, 30 * 86_400),
            "Seconds after which an empty room is removed if nothing was ever said in it; "
            "0: never.",
        ),
    ] = 3600.0
    hold_seconds: Annotated[
        float,
        Setting(
            Group.ROOMS,
            Seconds(0, 7 * 86_400),
            "Seconds that a name is kept for a guest who lost the connection.",
        ),
    ] = 600.0
    # The default is the number of connections that this computer may have, twice that of another
    # address. So to push out a guest who was here for longer than names are held, others at the
    # same address would have to keep as many names in use for as long.
    held_per_address: Annotated[
        int,
        Setting(
            Group.ROOMS,
            Whole(1, 100_000),
            "How many names are kept in this way for one client (see sessions-per-address); beyond "
            "that, the name that was in use for the shortest time is freed.",
        ),
    ] = 200
    leave_grace_seconds: Annotated[
        float,
        Setting(
            Group.ROOMS,
            Seconds(0, 600),
            "Seconds that a guest may be away before the room is told that they left.",
        ),
    ] = 5.0

    text_chars: Annotated[
        int,
        Setting(
            Group.LIMITS,
            Whole(1, 100_000),
            "Characters of a message; a longer one is refused.",
        ),
    ] = 4000
    edit_seconds: Annotated[
        float,
        Setting(
            Group.LIMITS,
            Seconds(0, 604_800, zero=NO_LIMIT),
            "Seconds for which people may change what they have said. They can take it back at any "
            "time.",
        ),
    ] = 0.0
    rate_limit: Annotated[
        float,
        Setting(
            Group.LIMITS,
            Number(0, 10_000, zero=NO_LIMIT),
            "Messages a second that one connection may send for long; 0: no limit.",
        ),
    ] = 10.0
    rate_burst: Annotated[
        int,
        Setting(
            Group.LIMITS, Whole(1, 100_000), "Messages that it may send at once after a pause."
        ),
    ] = 50
    client_rate_limit: Annotated[
        float,
        Setting(
            Group.LIMITS,
            Number(0.1, 100_000),
            "Messages a second that all connections of one client together may send for long. "
            "No limit if rate-limit is 0.",
        ),
    ] = 40.0
    client_rate_burst: Annotated[
        int,
        Setting(
            Group.LIMITS,
            Whole(1, 1_000_000),
            "Messages that they may send at once after a pause.",
        ),
    ] = 200  # a class of thirty that comes in
    visit_rate_limit: Annotated[
        float,
        Setting(
            Group.LIMITS,
            Number(0.01, 10_000),
            "How often a second the connections of one client together may enter the same room, "
            "for long: constant coming and going hides what is said. No limit if rate-limit is 0.",
        ),
    ] = 1.0
    visit_rate_burst: Annotated[
        int,
        Setting(
            Group.LIMITS,
            Whole(1, 1_000_000),
            "How often they may enter it at once: think of a school behind one address.",
        ),
    ] = 120
    connect_rate_limit: Annotated[
        float,
        Setting(
            Group.LIMITS,
            Number(0, 100_000, zero=NO_LIMIT),
            "Connections a second that one client may open for long; 0: no limit.",
        ),
    ] = 20.0
    connect_rate_burst: Annotated[
        int,
        Setting(Group.LIMITS, Whole(1, 1_000_000), "Connections that it may open at once."),
    ] = 200
    client_rooms_per_day: Annotated[
        int,
        Setting(
            Group.LIMITS,
            Whole(0, 1_000_000, zero=NO_LIMIT),
            "Rooms that one client may make in a day; 0: no limit.",
        ),
    ] = 100
    client_bytes_per_day: Annotated[
        int,
        Setting(
            Group.LIMITS,
            Size(MIB, 1024 * GIB, zero=NO_LIMIT),
            "Bytes of the disk that what one client says, and its coming and going, may take in a "
            "day; 0: no limit.",
        ),
    ] = 64 * MIB
    cache_bytes: Annotated[
        int,
        Setting(
            Group.LIMITS,
            Size(MIB, 64 * GIB),
            "Memory for the newest events of all rooms; the least used are read from the disk "
            "again.",
        ),
    ] = 32 * MIB

    @property
    def sign_on_url(self) -> str | None:
        """The page that shows a code to who has signed on; None where nobody can."""
        return f"{self.public_url}/sign-on" if self.sign_on_issuer else None

    @property
    def by_client(self) -> bool:
        """Whether addresses tell clients apart, so that each has budgets of its own.

        They do not behind a proxy that tells nothing of those who come by it.
        """
        return self.sessions_per_address > 0
