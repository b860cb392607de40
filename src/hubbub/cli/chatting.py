"""`hubbub chat`: starts the terminal client that fits."""

from __future__ import annotations

import sys
from typing import Annotated

from cyclopts import Parameter

from hubbub.cli.failing import EXIT_FAILED, Failed
from hubbub.cli.where import Fingerprint, server_of, trust_of, whole_path_of
from hubbub.config import Reader
from hubbub.setting.kinds import Whole


def chat(
    address: Annotated[
        str,
        Parameter(
            help="Where to connect, who to be there, and in which room. What is left out is "
            "asked for; without a host it is $HUBBUB_SERVER, else this computer.",
            show_default=False,
        ),
    ] = "",
    /,
    *,
    host: Annotated[
        str | None,
        Parameter(
            help="The server's name or address, rather than that in ADDRESS.", metavar="HOST"
        ),
    ] = None,
    port: Annotated[
        int | None,
        Parameter(
            help="The server's port, rather than that in ADDRESS.",
            metavar="PORT",
            converter=Reader(Whole(1, 65_535)).read,
        ),
    ] = None,
    fingerprint: Fingerprint = None,
    plain: Annotated[
        bool,
        Parameter(
            help="Lines of text only, as in a pipe or for a screen reader.",
            negative=(),
            show_default=False,
        ),
    ] = False,
) -> int | None:
    """Chat in this terminal."""
    if sys.stdin is None:
        raise Failed("There is no standard input to read from: it is closed.")
    where = server_of(address, host=host, port=port)

    from hubbub.credentials import qr
    from hubbub.terminal.choice import takes_the_screen
    from hubbub.terminal.trusting import makes_sure

    trust = trust_of(fingerprint)
    if not makes_sure(where, trust):
        return EXIT_FAILED
    if host is None and port is None and (whole := whole_path_of(address)) is not None:
        from hubbub.terminal.placing import placed

        where = placed(where, whole, trust)
    if not plain and takes_the_screen():
        from hubbub.terminal.full import main as chat_on_screen

        return chat_on_screen(where, where.user, where.room, draw=qr.lines, trust=trust)
    from hubbub.terminal.plain import main as chat_plainly

    return chat_plainly(where, where.user, where.room, draw=qr.lines, trust=trust)
