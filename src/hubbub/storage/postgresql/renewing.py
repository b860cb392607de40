"""Makes terms anew that an earlier version has made, in the background: until then they are found,
but not quickly (`hubbub.storage.search.vectors.condition`).

Every server looks for such; each takes others than the ones that another has locked.
"""

from __future__ import annotations

from threading import Event, Thread
from time import monotonic
from typing import Any

import psycopg

from hubbub.storage.postgresql.address import WRITE_SECONDS, Address, Admit
from hubbub.storage.redacting import listed
from hubbub.storage.rows import EDITS
from hubbub.storage.search.vectored import others_in
from hubbub.storage.search.vectors import OTHER_VERSIONS, VERSION, of_versions, terms_of_row
from hubbub.storage.trouble import Trouble

START_SECONDS = 5.0  # when a server starts there is enough to do
LOOK_SECONDS = 600.0  # an earlier version may run beside this one, and go on writing
STEP = 200  # texts of one transaction: some 10 ms
PAUSE_RATIO = 4  # a pause is so much longer than the step before it

EARLIER = tuple(version for version in OTHER_VERSIONS if version < VERSION)
"""Only these: of two servers each would make anew what the other one has made."""

# What is locked cannot be emptied meanwhile, nor can its room get another id.
_FIND = (
    'SELECT id, room_id, kind, "by", coalesce((SELECT edit.text FROM events AS edit'  # noqa: S608
    " WHERE edit.room_id = events.room_id AND edit.amends = events.seq"
    f" AND edit.kind IN ({listed(EDITS)}) ORDER BY edit.seq DESC LIMIT 1), text) FROM events"
    " WHERE terms IS NOT NULL AND terms @@ CAST(%s AS tsquery)"
    " LIMIT %s FOR NO KEY UPDATE SKIP LOCKED"
)
_RENEW = "UPDATE events SET terms = CAST(%s AS tsvector) WHERE id = %s"


class Renewing:
    """A thread that does so in the database at ``address``, until it is closed."""

    def __init__(self, address: Address, admit: Admit | None, trouble: Trouble) -> None:
        """``admit``: see `Address.connect`. ``trouble``: is told what fails, on the thread."""
        self._address = address
        self._admit = admit
        self._trouble = trouble
        self._ending = Event()
        self._thread = Thread(target=self._run, name="hubbub-renewing", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends it, behind the step that is under way."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        pause = START_SECONDS
        while not self._ending.wait(pause):
            try:
                with self._address.connect(seconds=WRITE_SECONDS, admit=self._admit) as connection:
                    self._renew_all(connection)
            except (psycopg.Error, OSError) as error:
                self._trouble.met(error)
            else:
                self._trouble.ended()
            pause = LOOK_SECONDS

    def _renew_all(self, connection: psycopg.Connection[Any]) -> None:
        if not others_in(connection, EARLIER):
            return
        pause = 0.0
        while not self._ending.wait(pause):
            begun = monotonic()
            if not renew(connection, STEP):
                return
            pause = PAUSE_RATIO * (monotonic() - begun)


def renew(connection: psycopg.Connection[Any], step: int) -> int:
    """Makes the terms of some texts anew; how many. Raises `psycopg.Error`."""
    with connection.transaction():
        connection.execute("SET LOCAL enable_seqscan = off")
        found = connection.execute(_FIND, (of_versions(EARLIER), step)).fetchall()
        with connection.cursor() as cursor:
            cursor.executemany(_RENEW, [(terms_of_row(*row), id) for id, *row in found])
    return len(found)
