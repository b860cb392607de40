"""The commands of IRC: one table. Each module has those about one thing, and a part of it."""

from __future__ import annotations

from collections.abc import Mapping

from hubbub.wire.irc.commands import (
    accepting,
    appearing,
    chanserv,
    connecting,
    helping,
    history,
    listing,
    marking,
    metadata,
    moderating,
    modes,
    monitoring,
    multiline,
    negotiating,
    nickserv,
    operating,
    presence,
    redacting,
    registering,
    rooms,
    sasl,
    services,
    serving,
    signals,
    texts,
    who,
    whois,
)
from hubbub.wire.irc.conversation import Row

SERVICES = {one.name.lower(): one for one in (nickserv.SERVICE, chanserv.SERVICE)}

COMMANDS: Mapping[str, Row] = {
    **accepting.ROWS,
    **appearing.ROWS,
    **connecting.ROWS,
    **helping.ROWS,
    **history.ROWS,
    **listing.ROWS,
    **marking.ROWS,
    **metadata.ROWS,
    **moderating.ROWS,
    **modes.ROWS,
    **monitoring.ROWS,
    **negotiating.ROWS,
    **operating.ROWS,
    **presence.ROWS,
    **rooms.ROWS,
    **serving.ROWS,
    **services.serving(SERVICES, texts.ROWS),
    **multiline.ROWS,
    **services.serving(SERVICES, signals.ROWS),
    **sasl.ROWS,
    **registering.ROWS,
    **nickserv.ROWS,
    **chanserv.ROWS,
    **redacting.ROWS,
    **who.ROWS,
    **whois.ROWS,
}
