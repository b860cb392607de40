"""All settings of a server: those of the hub, those of its connections, and the program's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_type_hints

import cyclopts
from cyclopts import ArgumentCollection, Parameter

from hubbub.config.encryption import encryption_fits
from hubbub.config.sources import Reader, SettingRefused, chosen
from hubbub.hub.settings import HubSettings
from hubbub.server.options import Options
from hubbub.setting import buses, names
from hubbub.setting.declaration import Group, Setting
from hubbub.setting.kinds import KIB, Checked, Choice, Place, Whole

LINE_OVERHEAD = KIB
"""Bytes of a line or frame beside its text: the JSON around it, the room's name, a nonce."""

BYTES_PER_CHAR = 4
"""What a character takes in UTF-8 at most."""

T = TypeVar("T")


def default_data_folder(root: Path = Path(__file__).parents[3]) -> Path | None:
    """``data/`` in ``root`` if that is a source checkout, otherwise where this user's data goes.

    None if this user has no home folder, as in a container that runs under a number of its own.
    """
    if (root / "pyproject.toml").is_file():
        return root / "data"
    from platformdirs import user_data_path

    try:
        return user_data_path("hubbub", appauthor=False)
    except RuntimeError:
        return None


@dataclass(frozen=True, kw_only=True)
class ProgramSettings:
    """The settings of the program around the server: its files and its log lines."""

    data: Annotated[
        Path | None,
        Setting(
            Group.STORAGE,
            Place(folder=True),
            "Folder of the database: data/ beside the code in a source checkout, otherwise this "
            "user's data folder.",
        ),
    ] = field(default_factory=default_data_folder)
    database: Annotated[
        str,
        Setting(
            Group.STORAGE,
            Checked(
                names.database,
                "the address of a PostgreSQL, such as postgresql://USER@HOST/NAME",
                nothing="the one in the data folder",
                metavar="URL",
            ),
            "A PostgreSQL to keep everything in, which several servers may share. With several "
            "hosts in it, that one is used that takes writes. A password is better in the "
            "environment (HUBBUB_DATABASE, PGPASSWORD) or in a file (passfile=) than on the "
            'command line; "": the database is in the data folder.',
        ),
    ] = ""
    bus: Annotated[
        str,
        Setting(
            Group.STORAGE,
            Checked(
                buses.bus,
                "the address of a NATS, such as nats://HOST, or of several with commas between",
                nothing="none",
                metavar="URL",
            ),
            "A NATS by which several servers with one database tell each other what is new; "
            "without it they look every second. tls:// encrypts. One logs in with "
            "nats://USER:PASSWORD@HOST, nats://TOKEN@HOST or nats://HOST?creds=FILE; a password is "
            "better in the environment (HUBBUB_BUS) than on the command line.",
        ),
    ] = ""
    config: Annotated[
        Path | None,
        Setting(
            Group.STORAGE,
            Place(folder=False),
            "Settings file; without it, hubbub.toml in the current folder, if there is one.",
        ),
    ] = None
    search: Annotated[
        Literal["on", "off"],
        Setting(
            Group.STORAGE,
            Choice("on", "off"),
            "Whether what was said can be searched for. It takes a file beside the log that grows "
            "about as large as the log; with database, it is in the database, and always kept.",
        ),
    ] = "on"
    durability: Annotated[
        Literal["full", "process"],
        Setting(
            Group.STORAGE,
            Choice("full", "process"),
            "What a message survives from the moment that anyone sees it. full: a power cut; "
            "process: only the end of this program, which is some microseconds quicker.",
        ),
    ] = "full"

    files: Annotated[
        str,
        Setting(
            Group.STORAGE,
            Checked(
                names.backup_place,
                "a folder, or s3://BUCKET/PREFIX",
                nothing="the folder files in the data folder",
                metavar="PLACE",
            ),
            "Where the files are kept that people send: a folder, or S3, whose credentials are in "
            "the environment as always (AWS_ACCESS_KEY_ID …). Several servers with one database "
            'need S3; "": they are beside the database.',
        ),
    ] = ""
    backup_to: Annotated[
        str,
        Setting(
            Group.STORAGE,
            Checked(
                names.backup_place,
                "a folder, or s3://BUCKET/PREFIX",
                nothing="none",
                metavar="PLACE",
            ),
            "Where a backup is put each day, as one file: a folder, or S3, whose credentials are "
            'in the environment as always (AWS_ACCESS_KEY_ID …); "": none is made.',
        ),
    ] = ""
    backup_keep: Annotated[
        int,
        Setting(
            Group.STORAGE, Whole(1, 10_000), "How many of these backups are kept, the newest ones."
        ),
    ] = 7

    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Setting(
            Group.LOGS,
            Choice("debug", "info", "warning", "error"),
            "The least important lines to log.",
        ),
    ] = "info"
    log_format: Annotated[
        Literal["console", "json"],
        Setting(
            Group.LOGS,
            Choice("console", "json"),
            "How lines are written to stderr: for people, or one JSON object each.",
        ),
    ] = "console"


def setting_of(hint: object) -> Setting:
    """The declaration in an ``Annotated`` type hint. Raises `TypeError` if there is none."""
    for one in getattr(hint, "__metadata__", ()):
        if isinstance(one, Setting):
            return one
    raise TypeError(f"{hint} declares no setting: Annotated[TYPE, Setting(...)]")


def _limits_fit(arguments: ArgumentCollection) -> None:
    ping, said_ping = chosen(arguments, "--ping-seconds")
    idle, said_idle = chosen(arguments, "--idle-seconds")
    if idle <= ping:
        raise SettingRefused(
            f"{said_idle} must be more than {said_ping}: nobody could answer a ping in time."
        )
    chars, said_chars = chosen(arguments, "--text-chars")
    line, said_line = chosen(arguments, "--line-bytes")
    needed = chars * BYTES_PER_CHAR + LINE_OVERHEAD
    if line < needed:
        raise SettingRefused(
            f"{said_line} is too little for {said_chars}: a line must take the longest message. "
            f"Allowed with it: {needed} bytes or more."
        )


def _sign_on_fits(arguments: ArgumentCollection) -> None:
    issuer, said_issuer = chosen(arguments, "--sign-on-issuer")
    for flag, what in (
        ("--sign-on-client-id", "what this server is called at the provider"),
        ("--public-url", "the address at which browsers open this server"),
    ):
        value, _ = chosen(arguments, flag)
        if issuer and not value:
            raise SettingRefused(f"{said_issuer} needs {flag}, too: {what}.")
    for flag in ("--sign-on-client-id", "--sign-on-secret-file"):
        value, said = chosen(arguments, flag)
        if value and not issuer:
            raise SettingRefused(f"{said} is for --sign-on-issuer, which is not set.")


def _storage_fits(arguments: ArgumentCollection) -> None:
    database, _ = chosen(arguments, "--database")
    bus, _ = chosen(arguments, "--bus")
    if bus and not database:
        raise SettingRefused(
            "--bus is for several servers with one database. Set --database, too, or no bus."
        )
    backups, said = chosen(arguments, "--backup-to")
    if database and backups:
        raise SettingRefused(
            f"{said} is for the database in the data folder. What is in a PostgreSQL is backed up "
            "by its own means: pg_dump, or its archive of the write-ahead log."
        )


_VALIDATORS = {
    Group.STORAGE: _storage_fits,
    Group.LISTENING: encryption_fits,
    Group.LIMITS: _limits_fit,
    Group.PEOPLE: _sign_on_fits,
}

_GROUPS = {
    group: cyclopts.Group(
        group.value,
        sort_key=place,
        validator=_VALIDATORS.get(group),
    )
    for place, group in enumerate(Group)
}


def _parameter(setting: Setting) -> Parameter:
    kind = setting.kind
    return Parameter(
        group=_GROUPS[setting.group],
        help=setting.help,
        metavar=kind.metavar,
        converter=Reader(kind).read,
        show_choices=False,
        show_default=lambda value: "none" if value is None else kind.show(value) or "none",
        negative=(),
    )


def _with_flags(settings: type[T]) -> type[T]:
    """Lets cyclopts read the fields of ``settings``, inherited ones too, as they were declared.

    It looks at the annotations of the class and at those of its ``__init__``.
    """
    hints: dict[str, Any] = {
        name: Annotated[hint, _parameter(setting_of(hint))]
        for name, hint in get_type_hints(settings, include_extras=True).items()
    }
    settings.__annotations__ = hints
    settings.__init__.__annotations__ = hints
    return Parameter(name="*")(settings)


@_with_flags
@dataclass(frozen=True, kw_only=True)
class Settings(Options, HubSettings, ProgramSettings):
    """All settings of `hubbub serve`, checked. Durations are in seconds, sizes in bytes."""
