"""The second factor: codes by time (TOTP, RFC 6238), and codes for when the device is lost."""

from __future__ import annotations

import hmac
import secrets
from base64 import b32encode
from collections.abc import Callable

from hubbub.credentials import qr, recovery

SECRET_BYTES = 20  # RFC 4226, 4, R6: 160 bits are recommended
STEP_SECONDS = 30  # what authenticator apps expect, as they do 6 digits and SHA-1
WINDOW = 1  # steps before and behind: RFC 6238, 5.2 advises one, for clocks and slow fingers
DIGITS = 6
MAX_TYPED = 100  # characters of what is typed as a code that are looked at


class Totp:
    """Implements `hubbub.hub.ports.SecondFactor`. pyotp and segno are imported when needed.

    ``random`` gives so many random bytes.
    """

    def __init__(self, random: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self._random = random

    def secret(self) -> str:
        """See `hubbub.hub.ports.SecondFactor`."""
        return b32encode(self._random(SECRET_BYTES)).decode()

    def uri(self, secret: str, *, name: str, issuer: str) -> str:
        """See `hubbub.hub.ports.SecondFactor`."""
        from pyotp import TOTP

        return TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)

    def picture(self, uri: str) -> list[str]:
        """See `hubbub.hub.ports.SecondFactor`."""
        return qr.lines(uri)

    def verify(self, secret: str, code: str, *, now: int, last: int) -> int | None:
        """See `hubbub.hub.ports.SecondFactor`."""
        from pyotp import TOTP

        typed = _digits(code)
        totp = TOTP(secret, digits=DIGITS, interval=STEP_SECONDS)
        step = now // 1000 // STEP_SECONDS
        for near in range(max(step - WINDOW, last + 1, 0), step + WINDOW + 1):
            if hmac.compare_digest(totp.generate_otp(near), typed):
                return near
        return None

    def recovery_codes(self) -> list[str]:
        """See `hubbub.hub.ports.SecondFactor`."""
        return recovery.codes(self._random)

    def recovery_hash(self, code: str) -> bytes:
        """See `hubbub.hub.ports.SecondFactor`."""
        return recovery.hash_of(code[:MAX_TYPED])


def _digits(code: str) -> str:
    """The digits that were typed, in ASCII: apps show "123 456", and there are keys for ١٢٣."""
    kept = (char for char in code[:MAX_TYPED] if not char.isspace())
    return "".join(str(int(char)) if char.isdecimal() else "?" for char in kept)
