"""What a server's certificate is like, looked at from outside: for `hubbub admin doctor`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from msgspec import Struct

from hubbub.credentials.tls import acmestate
from hubbub.credentials.tls.facts import Facts, read_facts
from hubbub.credentials.tls.kept import FOLDER

SOON = timedelta(days=14)  # before its end, when every renewal by itself is overdue


class Examined(Struct, frozen=True):
    """``file`` has the certificate. ``own``: the server has made it. ``trouble``: why the one that
    is wished for cannot be had, as a sentence.
    """

    file: Path
    facts: Facts
    own: bool
    trouble: str = ""


def examined(
    data: Path, *, given: Path | None = None, domains: Sequence[str] = ()
) -> Examined | None:
    """The certificate that a server uses with these settings; None if it has none yet.

    ``given``: ``tls-cert``; ``domains``: ``tls-domain``. Raises `OSError` and `ValueError` for a
    file that cannot be read.
    """
    if given is not None:
        return Examined(given, read_facts(given), own=False)
    folder = data / FOLDER
    ordered, made = folder / "acme.pem", folder / "server.pem"
    trouble = acmestate.load(folder / "acme.json").trouble if domains else ""
    if domains and ordered.exists():
        return Examined(ordered, read_facts(ordered), own=False, trouble=trouble)
    if made.exists():
        return Examined(made, read_facts(made), own=True, trouble=trouble)
    return None


def doubts(found: Examined, now: datetime, *, names: Sequence[str] = ()) -> list[str]:
    """What is wrong with it, as sentences with what to do; ``names``: those it should be for."""
    facts, told = found.facts, []
    if now < facts.begins:
        told.append(
            f"The certificate in {found.file} begins on {facts.begins:%d %B %Y} only. Is this "
            "computer's clock right?"
        )
    if now >= facts.ends:
        told.append(
            f"The certificate in {found.file} is over since {facts.ends:%d %B %Y}: clients refuse "
            f"the server. {_renewed_by(found)}"
        )
    elif now >= facts.ends - SOON:
        told.append(
            f"The certificate in {found.file} ends on {facts.ends:%d %B %Y}. {_renewed_by(found)}"
        )
    missing = [name for name in names if not _is_for(facts.names, name)]
    if missing:
        told.append(f"The certificate in {found.file} is not for {', '.join(missing)}.")
    if found.trouble:
        told.append(found.trouble)
    return told


def _renewed_by(found: Examined) -> str:
    if found.own:
        return "A server that runs renews it by itself: is it running, and can it write there?"
    if found.trouble:
        return "The server could not renew it, as is said below."
    return "Whoever has put it there has to renew it, unless the server got it by itself."


def _is_for(names: Sequence[str], name: str) -> bool:
    parent = name.partition(".")[2]
    return name in names or f"*.{parent}" in names
