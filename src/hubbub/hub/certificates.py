"""Logging in by a client's certificate: whose it is, by its fingerprint alone.

Nobody has to have signed it. That the client has its key was shown by the handshake (RFC 8446,
4.4.3), and that an account logs in by it the account has said (`hubbub.hub.waysin`).
"""

from __future__ import annotations

from hubbub.domain import commands as ask
from hubbub.domain.errors import BadMessage, WrongToken
from hubbub.domain.ids import THE_SERVER
from hubbub.hub.becoming import check_may_become
from hubbub.hub.directory import work
from hubbub.hub.logins import come_in
from hubbub.hub.ports import CERTIFICATES
from hubbub.hub.services import Services
from hubbub.hub.session import Session
from hubbub.hub.welcoming import welcome

UNKNOWN = (
    "No account here logs in by the certificate that your client has shown. To let yours do so, "
    "log in with your password first."
)


def log_in(hub: Services, session: Session, command: ask.HelloByCertificate) -> None:
    """Says hello as the account whose certificate the connection has shown."""
    check_may_become(session, command, THE_SERVER)  # it is not known yet whose it is
    if session.outlet.certificate is None:
        raise BadMessage("Your client has shown no certificate.")
    work(hub, session, command, _log_in(hub, session, command, session.outlet.certificate))


async def _log_in(
    hub: Services, session: Session, command: ask.HelloByCertificate, print: str
) -> None:
    id = await hub.log.identity(CERTIFICATES, print)
    account = None if id is None else hub.access.account_of(id)
    if id is None or account is None:
        raise WrongToken(UNKNOWN)
    check_may_become(session, command, id)
    if command.named and account.name.key != command.user.key:
        raise WrongToken(
            f"The certificate that your client has shown is not that of {command.user}."
        )
    try:
        hub.coming[session] = id
        if await hub.log.identity(CERTIFICATES, print) != id:
            raise WrongToken(UNKNOWN)  # it was taken away just now
        await come_in(hub, session, id, account.name, None)
        if not session.ended:
            welcome(hub, session, command, None)
    finally:
        hub.coming.pop(session, None)
