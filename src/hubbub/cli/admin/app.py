"""The commands of `hubbub admin`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cyclopts import App

from hubbub.cli.admin import backups, doctor, order, people, rooms, status, transfers

EXAMPLES = (
    "For example: hubbub admin owner ada. It asks the server that runs, or works on its data "
    "folder when none does. All about it: docs/admin.md"
)

COMMANDS: dict[str, Callable[..., Any]] = {
    "status": status.status,
    "doctor": doctor.doctor,
    "owner": people.owner,
    "users": people.users,
    "user": people.user,
    "add-user": people.add_user,
    "close-user": people.close_user,
    "role": people.role,
    "reset": people.reset,
    "devices": people.devices,
    "revoke": people.revoke,
    "rooms": rooms.rooms,
    "room": rooms.room,
    "make-room": rooms.make_room,
    "rename-room": rooms.rename_room,
    "delete-room": rooms.delete_room,
    "rules": rooms.rules,
    "retention": rooms.retention,
    "invite": order.invite,
    "kick": order.kick,
    "ban": order.ban,
    "unban": order.unban,
    "bans": order.bans,
    "audit": order.audit,
    "backup": backups.backup,
    "backups": backups.backups,
    "verify": backups.verify,
    "restore": backups.restore,
    "export": transfers.export,
    "import": transfers.import_,
    "do": order.do,
}


def make_admin_app() -> App:
    """The cyclopts app."""
    app = App(
        name="admin",
        help="Keep a server: people, rooms, order.",
        help_epilogue=EXAMPLES,
        help_format="plaintext",
        version_flags=(),
    )
    for name, does in COMMANDS.items():
        app.command(App(name=name, default_command=does, help_epilogue="", version_flags=()))
    return app
