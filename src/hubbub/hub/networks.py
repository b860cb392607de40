"""Networks of guests, for bans: a keyed hash of an address, which does not tell the address."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from hubbub.domain.ids import THE_SERVER
from hubbub.hub.clients import LOOPBACK
from hubbub.hub.ports import KeepSecret, Log, SecretKind
from hubbub.hub.serverkeys import KEY_BYTES, Outcome, server_key

HASH_CHARS = 24  # 96 bits: no two networks have the same


class Networks:
    """The hashes of clients' keys (`hubbub.hub.clients.client_key`)."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._key: bytes | None = None

    async def load(self, outcome: Outcome | None = None) -> None:
        """Reads the key, at the start; raises `LogUnavailable`.

        Where there are other servers it is made, too, as none hears when another one does it: see
        `server_key`.
        """
        if outcome is not None:
            self._key = await server_key(self._log, SecretKind.NETWORKS, outcome)
            return
        key = await self._log.secret(SecretKind.NETWORKS, THE_SERVER)
        self._key = None if key is None else bytes.fromhex(key)

    def of(self, client: str) -> str | None:
        """The network of a client; None if no ban can be about it: it is this computer, say."""
        if self._key is None or client in ("", LOOPBACK):
            return None
        return hmac.digest(self._key, client.encode(), hashlib.sha256).hex()[:HASH_CHARS]

    def prepare(self) -> tuple[KeepSecret, ...]:
        """What has to be saved with a ban of a network; to be called before `of`."""
        if self._key is None:
            self._key = secrets.token_bytes(KEY_BYTES)
        # Each time: the log may have refused it with the ban before.
        return (KeepSecret(SecretKind.NETWORKS, THE_SERVER, self._key.hex()),)
