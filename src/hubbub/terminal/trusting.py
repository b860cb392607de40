"""Trust on first use, as ssh has it: a person compares the fingerprint of a server's key once."""

from __future__ import annotations

import asyncio
import contextlib
import re
import textwrap
from collections.abc import Callable

from hubbub.client.address import Address
from hubbub.client.certificate import is_here
from hubbub.client.errors import CertificateChanged, UnknownCertificate
from hubbub.client.folder import default_folder
from hubbub.client.knownservers import FILE_NAME, KnownServers
from hubbub.client.trust import Trust
from hubbub.domain import fingerprints
from hubbub.terminal.choice import on_terminal
from hubbub.terminal.running import complain

LOOK_SECONDS = 3.0  # for the server to show its key, before the client starts without that

COLUMNS = 70  # of lines on a terminal, behind the program's name
_FINGERPRINT = re.compile(r"((?:[0-9a-f]{4} ){15}[0-9a-f]{4}[.,;]?)")

QUESTION = """\
{server} shows a certificate that no known authority has signed. That is usual for a server
that has made itself one; but somebody between you and it would look the same. The fingerprint is

    {first}
    {second}

Is that what the server printed when it started? yes, no, or the fingerprint: """

AGAIN = "Please type yes or no, or paste the fingerprint that the server printed: "
ANOTHER = "That is another fingerprint. Nothing was sent to {}."
NO = "Nothing was sent to {}."

Ask = Callable[[str], str]
"""Asks a person; raises ``EOFError`` when there is no answer."""


def trust_with(fingerprint: bytes | None) -> Trust:
    """What this user's clients know of servers. ``fingerprint``: the only one to be accepted."""
    try:
        known = KnownServers(default_folder() / FILE_NAME)
    except RuntimeError:  # there is no home folder: it is kept in memory
        known = KnownServers()
    return Trust(known, fingerprint)


def makes_sure(address: Address, trust: Trust, ask: Ask = input) -> bool:
    """Whether a client may start; asks on the terminal for a server whose key is not known.

    A server that cannot be reached is for the client to tell of.
    """
    server = str(address)
    if trust.verified_by_authority(address):
        return True
    if is_here(address.host) and not address.secure and server not in trust.known:
        return True
    try:
        asyncio.run(_looked(address, trust))
    except UnknownCertificate as unknown:
        if not on_terminal():
            complain(*_wrapped(str(unknown)))
            return False
        return _accepts(address, trust, unknown.fingerprint, ask)
    except CertificateChanged as changed:
        complain(*_wrapped(str(changed)))
        return False
    return True


def _wrapped(text: str) -> list[str]:
    """The text in lines, each fingerprint in one of its own."""
    wrapper = textwrap.TextWrapper(COLUMNS, break_on_hyphens=False, break_long_words=False)
    lines: list[str] = []
    for part in _FINGERPRINT.split(text):
        lines += [part] if _FINGERPRINT.fullmatch(part) else wrapper.wrap(part.strip())
    return lines


async def _looked(address: Address, trust: Trust) -> None:
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            await trust.check(address)
    except (UnknownCertificate, CertificateChanged):
        raise
    except Exception:  # noqa: BLE001  # the client meets it, too, and has words for it
        return


def _accepts(address: Address, trust: Trust, shown: bytes, ask: Ask) -> bool:
    groups = fingerprints.shown(shown)
    half = len(groups) // 2
    question = QUESTION.format(
        server=address, first=groups[:half].strip(), second=groups[half:].strip()
    )
    while True:
        try:
            answer = ask(question).strip()
        except EOFError:
            answer = "no"
        if answer.lower() in ("yes", "y"):
            break
        if answer.lower() in ("no", "n"):
            complain(NO.format(address))
            return False
        with contextlib.suppress(ValueError):
            if fingerprints.parse(answer) == shown:
                break
            complain(ANOTHER.format(address))
            return False
        question = AGAIN
    trust.accept(address, shown)
    return True
