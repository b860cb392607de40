"""Lets clients show a certificate in the handshake, whoever has signed it.

Python's `ssl` has the certificate of a client verified against authorities, or does not ask for it
at all. Here a client's certificate is only what it says it is: a key, and that the client has it
(RFC 8446, 4.4.3). So OpenSSL is told, in its own words (`SSL_CTX_set_cert_verify_callback`), that
each is as good as another; whose it is, the chat looks up by its SHA-256.
"""

from __future__ import annotations

import ctypes
import ssl
import sys

MAX_CERTIFICATE_BYTES = 16 * 1024  # with those that have signed it; OpenSSL takes 100 KB
_SET_MAX_CERT_LIST = 51  # of `SSL_CTX_ctrl`, by openssl/ssl.h

_Verify = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)


_any = _Verify(lambda store, argument: 1)


def ask_for_certificates(context: ssl.SSLContext) -> bool:
    """Lets who shakes hands by ``context`` show a certificate, if they have one.

    False where that cannot be had: some Pythons have an OpenSSL inside that nobody else can call.
    """
    functions = _functions() if sys.implementation.name == "cpython" else None
    if functions is None:
        return False
    # CPython's PySSLContext begins with the SSL_CTX, behind what all objects begin with.
    pointer = ctypes.c_void_p.from_address(id(context) + object.__basicsize__)
    before, context.verify_mode = context.verify_mode, ssl.CERT_OPTIONAL
    if functions.SSL_CTX_get_verify_mode(pointer) != ssl.CERT_OPTIONAL:  # SSL_VERIFY_PEER
        context.verify_mode = before
        return False
    functions.SSL_CTX_set_cert_verify_callback(pointer, _any, None)
    functions.SSL_CTX_ctrl(pointer, _SET_MAX_CERT_LIST, MAX_CERTIFICATE_BYTES, None)
    return True


def _functions() -> ctypes.CDLL | None:
    import _ssl  # with its own OpenSSL, and no other one that may be here, too

    path = getattr(_ssl, "__file__", None)
    try:
        functions = ctypes.CDLL(path)
        functions.SSL_CTX_get_verify_mode.argtypes = (ctypes.c_void_p,)
        functions.SSL_CTX_get_verify_mode.restype = ctypes.c_int
        functions.SSL_CTX_set_cert_verify_callback.argtypes = (
            ctypes.c_void_p,
            _Verify,
            ctypes.c_void_p,
        )
        functions.SSL_CTX_set_cert_verify_callback.restype = None
        functions.SSL_CTX_ctrl.argtypes = (
            ctypes.c_void_p,
            ctypes.c_int,
            ctypes.c_long,
            ctypes.c_void_p,
        )
    except (OSError, AttributeError):
        return None
    return functions
