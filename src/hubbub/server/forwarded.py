"""What trusted proxies say of who asks, in the headers of HTTP.

``Forwarded`` (RFC 7239), and what most proxies send instead: ``X-Forwarded-For``, ``-Proto``,
``-Host`` and ``-Prefix``. Each proxy adds to the right who has connected to it. So the lists are
read from right to left, for as long as it is a trusted proxy that has written there: what stands
further left is the client's own word, who may write anything.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from hubbub.server.origin_policy import Fields
from hubbub.server.proxies import Proxies, parsed
from hubbub.setting.names import path_prefix

MOST_HOPS = 50
MOST_CHARS = 2048
"""Of a list; one that has more is not read to its left end, which is the client's in any case."""

# RFC 7239, 4: forwarded-pair = token "=" ( token / quoted-string )
_PAIR = re.compile(r"""([\w!#$%&'*+.^`|~-]+)=("(?:[^"\\]|\\.)*"|[^\s;,"]*)\s*(?:([;,])\s*|\Z)""")
_ESCAPED = re.compile(r"\\(.)")
_NODE = re.compile(r"\[([^\]]*)\](?::\S*)?|([^:\s]+)(?::\S*)?")


class Contradiction(ValueError):
    """The two kinds of headers tell of different clients: one of them is the client's own."""


class Said(Struct, frozen=True):
    """What is believed. ``address``: the client's, "" for a program by the Unix socket.

    ``passed_on``: by a trusted proxy. ``secure``: whether it came over TLS, None if nobody says so.
    ``host``: as in its Host header, "" when the request has that itself. ``prefix``: the path under
    which the proxies show this server.
    """

    address: str
    passed_on: bool = False
    secure: bool | None = None
    host: str = ""
    prefix: str = ""


def said(fields: Fields, peer: str, proxies: Proxies) -> Said:
    """What the proxy at ``peer``, which is trusted, says of who asks. Raises `Contradiction`."""
    listed = _listed(fields("x-forwarded-for"))
    hops = _elements(",".join(fields("forwarded"))[-MOST_CHARS:])
    by_list = _client(peer, [_address(one) for one in listed[-MOST_HOPS:]], proxies)
    by_hops = _client(peer, [_address(hop.get("for", "")) for hop in hops[-MOST_HOPS:]], proxies)
    if listed and hops and by_list[0] != by_hops[0]:
        raise Contradiction
    prefix = _prefix(_last(fields("x-forwarded-prefix")))
    if hops and not listed:
        address, depth = by_hops
        hop = hops[-max(depth, 1)]
        return Said(address, True, _secure(hop.get("proto", "")), hop.get("host", ""), prefix)
    address, depth = by_list
    schemes = _listed(fields("x-forwarded-proto"))
    # One for each address, or the proxy next to us says what is right.
    scheme = schemes[-depth] if depth and len(schemes) == len(listed) else _last(schemes)
    return Said(address, True, _secure(scheme), _last(fields("x-forwarded-host")), prefix)


def _client(peer: str, listed: Sequence[str | None], proxies: Proxies) -> tuple[str, int]:
    """Who asks, and at which place from the right that stands: 0 for ``peer`` itself."""
    address, depth = peer, 0
    for one in reversed(listed):
        if one is None or not proxies.trusts(address):
            break
        address, depth = one, depth + 1
    return address, depth


def _address(node: str) -> str | None:
    """RFC 7239, 6, without the port; None if it is no address (``unknown``, ``_hidden``)."""
    if parsed(node) is not None:  # IPv6 without brackets, as in X-Forwarded-For
        return node
    found = _NODE.fullmatch(node)
    name = (found[1] or found[2] or "") if found else ""
    return name if parsed(name) is not None else None


def _elements(text: str) -> list[dict[str, str]]:
    """The elements of ``Forwarded``; what cannot be read ends those to the left of it."""
    text = text.strip()
    elements: list[dict[str, str]] = [{}]
    place = 0
    while place < len(text):
        pair = _PAIR.match(text, place)
        if pair is None:
            # Up to the next comma; where one is in quotes, what follows cannot be read, either.
            elements[-1] = {}
            place = text.find(",", place) + 1 or len(text)
            while text[place : place + 1].isspace():
                place += 1
            elements.append({})
            continue
        value = pair[2]
        if value.startswith('"'):
            value = _ESCAPED.sub(r"\1", value[1:-1])
        elements[-1][pair[1].lower()] = value
        place = pair.end()
        if pair[3] == ",":
            elements.append({})
    return elements if text else []


def _secure(scheme: str) -> bool | None:
    scheme = scheme.strip().lower()
    return scheme in ("https", "wss") if scheme in ("http", "https", "ws", "wss") else None


def _prefix(raw: str) -> str:
    try:
        return path_prefix(raw)
    except ValueError:
        return ""


def _listed(values: Sequence[str]) -> list[str]:
    return [one.strip() for value in values for one in value.split(",") if one.strip()]


def _last(values: Sequence[str]) -> str:
    listed = _listed(values)
    return listed[-1] if listed else ""
