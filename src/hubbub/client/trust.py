"""Whether a connection is encrypted, and which server's key is accepted: trust on first use.

- A certificate of an authority that this computer knows, for the right name, is accepted, as by
  browsers.
- Any other one is accepted if its key is known: somebody has compared its fingerprint once.
- A server that was once reached by TLS is not reached without it any more.
- An address that does not say whether to encrypt is tried with TLS first, but on this computer.
"""

from __future__ import annotations

import asyncio
import ssl
from importlib import import_module

from msgspec import Struct
from msgspec.structs import replace

from hubbub.client import untrusted
from hubbub.client.address import Address
from hubbub.client.certificate import ANY, Peer, is_here, unverified
from hubbub.client.errors import CertificateChanged, UnknownCertificate
from hubbub.client.knownservers import KnownServers

UNKNOWN_AUTHORITY = frozenset({2, 18, 19, 20, 21})
"""X509_V_ERR_…: UNABLE_TO_GET_ISSUER_CERT, DEPTH_ZERO_SELF_SIGNED_CERT, SELF_SIGNED_CERT_IN_CHAIN,
UNABLE_TO_GET_ISSUER_CERT_LOCALLY, UNABLE_TO_VERIFY_LEAF_SIGNATURE. All others are errors of a
certificate that could be verified, as that it is over, or for another name."""

NOBODY = b"\0"
"""The fingerprint of no key: a connection that wants it ends as soon as the key is seen."""


class Way(Struct, frozen=True):
    """How to connect to a server: ``tls`` is None for without; ``wanted`` is its key."""

    tls: ssl.SSLContext | None = None
    wanted: bytes = ANY


IN_THE_CLEAR = Way()


class Trust:
    """Decides how servers are connected to, and remembers it in ``known``.

    ``fingerprint``: that of the one key to be accepted, whatever else is known.
    """

    def __init__(self, known: KnownServers | None = None, fingerprint: bytes | None = None) -> None:
        self.known = KnownServers() if known is None else known
        self._fingerprint = fingerprint
        self._ways: dict[str, Way] = {}
        self._verifying: ssl.SSLContext | None = None

    def proxy(self, address: Address) -> str | None:
        """The proxy to connect through: it is for encrypted traffic, not for servers nearby.

        Raises as `websockets.proxy.get_proxy`.
        """
        if not address.secure:
            return None
        from websockets.proxy import get_proxy
        from websockets.uri import parse_uri

        return get_proxy(parse_uri(address.url))

    def resolved(self, address: Address) -> Address:
        """The address, with ``secure`` if connections to it are encrypted, as far as is known."""
        way = self._ways.get(str(address))
        encrypted = self._must_encrypt(address) or (way is not None and way.tls is not None)
        return replace(address, secure=encrypted)

    def verified_by_authority(self, address: Address) -> bool:
        """Whether an authority has vouched for the server until now."""
        server = str(address)
        return server in self.known and self.known.fingerprint(server) is None

    async def way(self, address: Address) -> Way:
        """How to connect.

        Raises `UnknownCertificate`, `CertificateChanged`, and what `opened` raises.
        """
        server = str(address)
        found = self._ways.get(server)
        if found is None:
            found = self._ways[server] = await self._find(address)
        return found

    async def check(self, address: Address) -> None:
        """Looks at the server's key before there is a chat. Raises as `way`."""
        if not self._must_encrypt(address):
            await self.way(address)
            return
        way = await self.way(address)
        assert way.tls is not None, "it must"
        try:
            shown = await self._shown(address, way.tls)
        except Exception as error:
            if not is_of_unknown_authority(error):
                raise
            shown = None
        if way.wanted != shown and (way.wanted != ANY or shown is None):
            await self.look(address)

    def forget_way(self, address: Address) -> None:
        """The way did not lead to the server any more: it is to be found anew."""
        self._ways.pop(str(address), None)

    def reached(self, address: Address, way: Way) -> None:
        """The server was connected to in that way: remembers its key."""
        if way.tls is not None and not (way.wanted == ANY and is_here(address.host)):
            self.known.remember(str(address), way.wanted or None)

    def accept(self, address: Address, fingerprint: bytes) -> None:
        """A person has compared the fingerprint: remembers it."""
        self.known.remember(str(address), fingerprint)
        self.forget_way(address)

    def without_tls(self, address: Address) -> str:
        """Why a server is not reached that does not speak TLS, as a sentence."""
        if self._may_have_been_known(address):
            return untrusted.without_memory(address, self.known.path, self.known.trouble or "")
        if address.secure or str(address) not in self.known:
            return f"{address} does not speak TLS."
        return untrusted.without_tls(address, self.known.path)

    # Finding a way

    async def _find(self, address: Address) -> Way:
        server = str(address)
        wanted = self._fingerprint or self.known.fingerprint(server)
        if wanted is not None:
            # Off the loop: `hubbub.client.opening.fingerprint` needs it in a moment.
            await asyncio.to_thread(import_module, "cryptography.x509")
            return Way(unverified(), wanted)
        if self._must_encrypt(address):
            return Way(self._verify())
        if address.plain or is_here(address.host):
            return IN_THE_CLEAR
        return await self._try(address)

    async def _try(self, address: Address) -> Way:
        """Looks whether the server speaks TLS."""
        try:
            found = await self._shown(address, self._verify())
        except Exception as error:
            if is_of_unknown_authority(error):
                await self.look(address)
            if says_no_tls(error):
                return IN_THE_CLEAR
            raise
        if found is None:
            return IN_THE_CLEAR
        return Way(self._verify())

    async def look(self, address: Address) -> None:
        """Looks at the key of a server that was not accepted, and raises what is to be told:
        `UnknownCertificate`, or `CertificateChanged`.

        Returns if nothing is wrong with it: then the way is to be found anew.
        """
        server = str(address)
        self.forget_way(address)
        shown = await self._shown(address, unverified())
        if shown is None:
            return
        if self._fingerprint is not None:
            if shown == self._fingerprint:
                return
            raise CertificateChanged(untrusted.another(address, shown, self._fingerprint), shown)
        wanted = self.known.fingerprint(server)
        if shown == wanted:
            return
        if wanted is not None:
            try:
                await self._shown(address, self._verify())
            except ssl.SSLCertVerificationError:
                pass
            else:
                # An authority vouches for it by now, and that is as good.
                self.known.remember(server, None)
                return
        if wanted is not None or server in self.known:
            raise CertificateChanged(
                untrusted.changed(address, shown, wanted, self.known.path), shown
            )
        raise UnknownCertificate(untrusted.unknown(address, shown), shown)

    async def _shown(self, address: Address, tls: ssl.SSLContext) -> bytes | None:
        """The fingerprint of the key that the server shows; None if it broke off.

        Nothing is sent but the handshake. Raises what that raises.
        """
        # Imported here: it takes long, and a client shows something before.
        from hubbub.client.opening import close, opened

        await asyncio.to_thread(import_module, "cryptography.x509")
        peer = Peer(NOBODY)
        try:
            connection = await opened(address, tls=tls, peer=peer, proxy=self.proxy(address))
        except Exception:
            if peer.found is None:
                raise
        else:
            await close(connection)
        return peer.found

    def _must_encrypt(self, address: Address) -> bool:
        return (
            address.secure
            or self._fingerprint is not None
            or str(address) in self.known
            or self._may_have_been_known(address)
        )

    def _may_have_been_known(self, address: Address) -> bool:
        """Whether nobody knows if it was reached by TLS, nor has said how it is to be reached."""
        said = address.secure or address.plain or is_here(address.host)
        return self.known.trouble is not None and not said

    def _verify(self) -> ssl.SSLContext:
        if self._verifying is None:
            self._verifying = ssl.create_default_context()
        return self._verifying


def is_of_unknown_authority(error: Exception) -> bool:
    """Whether a certificate could not be verified, as no known authority has signed it."""
    code = getattr(error, "verify_code", None)
    return isinstance(error, ssl.SSLCertVerificationError) and code in UNKNOWN_AUTHORITY


def says_no_tls(error: Exception) -> bool:
    """Whether that is how a server ends a TLS handshake that does not speak TLS."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return False
    return isinstance(error, (ssl.SSLError, ConnectionResetError, ConnectionAbortedError))
