"""Protocols' codecs, sans-IO: bytes in, commands out; events and replies in, bytes out."""
