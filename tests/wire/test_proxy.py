from __future__ import annotations

import struct
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.wire.detect import PROXY_SIGNATURE, Protocol, detect
from hubbub.wire.proxy import (
    HEAD_BYTES,
    MAX_LINE_BYTES,
    MAX_REST_BYTES,
    BadHeader,
    Header,
    crc32c,
    read,
)

ADA, SERVER = ("198.51.100.7", 56324), ("203.0.113.1", 443)
ADA6, SERVER6 = ("2001:db8::7", 1), ("2001:db8::1", 65535)
LINE = b"PROXY TCP4 198.51.100.7 203.0.113.1 56324 443\r\n"


def tlv(kind: int, value: bytes) -> bytes:
    return struct.pack("!BH", kind, len(value)) + value


def binary(family: int, rest: bytes, command: int = 0x21) -> bytes:
    return PROXY_SIGNATURE + struct.pack("!BBH", command, family, len(rest)) + rest


def told(source: tuple[str, int], to: tuple[str, int], fields: bytes = b"") -> bytes:
    """A header of version 2."""
    one, other = ip_address(source[0]), ip_address(to[0])
    ports = struct.pack("!HH", source[1], to[1])
    family = 0x11 if one.version == 4 else 0x21
    return binary(family, one.packed + other.packed + ports + fields)


def with_checksum(header: bytes) -> bytes:
    """The same, with one more field."""
    rest = header[HEAD_BYTES:] + tlv(0x03, bytes(4))
    plain = header[: HEAD_BYTES - 2] + struct.pack("!H", len(rest)) + rest
    return plain[:-4] + crc32c(plain).to_bytes(4, "big")


BY_TLS = tlv(0x20, b"\x01" + bytes(4) + tlv(0x21, b"TLSv1.3"))
LONGEST = (
    b"PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
    b"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"
)
HEADERS = [
    (LINE, Header(len(LINE), ADA, SERVER)),
    (b"PROXY TCP6 2001:db8::7 2001:db8::1 1 65535\r\n", Header(44, ADA6, SERVER6)),
    (b"PROXY UNKNOWN\r\n", Header(15)),
    (LONGEST, Header(MAX_LINE_BYTES)),
    (told(ADA, SERVER), Header(28, ADA, SERVER)),
    (told(ADA6, SERVER6), Header(52, ADA6, SERVER6)),
    (told(ADA, SERVER, BY_TLS), Header(28 + len(BY_TLS), ADA, SERVER, True)),
    (told(ADA, SERVER, tlv(0x20, bytes(5))), Header(36, ADA, SERVER)),
    (told(ADA, SERVER, tlv(0x04, b"") + tlv(0xE0, b"x")), Header(35, ADA, SERVER)),
    (with_checksum(told(ADA, SERVER, BY_TLS)), Header(35 + len(BY_TLS), ADA, SERVER, True)),
    (binary(0x00, b"", 0x20), Header(16)),
    (binary(0x11, b"garbage", 0x20), Header(23)),
    (binary(0x00, tlv(0x04, b"x")), Header(20)),
    (binary(0x31, bytes(216)), Header(232)),
]


@pytest.mark.parametrize("data, header", HEADERS)
def test_a_header_says_the_same_whole_and_cut_at_every_byte(data: bytes, header: Header) -> None:
    assert header.size == len(data)
    for behind in (b"", b"\r\n", b"GET / HTTP/1.1\r\n\r\n", data):
        assert read(data + behind) == header
        assert detect(data + behind) is Protocol.PROXY
    for end in range(len(data)):
        assert read(data[:end]) is None, end
        assert detect(data[:end]) in (None, Protocol.PROXY)


@pytest.mark.parametrize(
    "data",
    [
        b"PROXY TCP4 198.51.100.7 203.0.113.1 56324 443\n" + bytes(MAX_LINE_BYTES),
        b"PROXY TCP4 198.51.100.7 203.0.113.1 056324 443\r\n",
        b"PROXY TCP4 198.51.100.7 203.0.113.1 65536 443\r\n",
        b"PROXY TCP4 198.51.100.7 203.0.113.1 -1 443\r\n",
        b"PROXY TCP4 198.51.100.07 203.0.113.1 1 443\r\n",
        b"PROXY TCP4 2001:db8::7 2001:db8::1 1 2\r\n",
        b"PROXY TCP6 198.51.100.7 203.0.113.1 1 2\r\n",
        b"PROXY TCP6 fe80::1%eth0 2001:db8::1 1 2\r\n",
        b"PROXY TCP4  198.51.100.7 203.0.113.1 1 2\r\n",
        b"PROXY TCP4 198.51.100.7 203.0.113.1 1 2 \r\n",
        "PROXY TCP4 ١.1.1.1 203.0.113.1 1 2\r\n".encode(),
        b"PROXY TCP4 localhost 203.0.113.1 1 2\r\n",
        b"PROXY UNKNOWNS\r\n",
        b"PROXY UNKNOWN" + b" " * MAX_LINE_BYTES,
        b"PROXY TCP5 198.51.100.7 203.0.113.1 1 2\r\n",
        binary(0x11, bytes(12), 0x11),
        binary(0x11, bytes(12), 0x22),
        binary(0x12, bytes(12)),
        binary(0x11, bytes(11)),
        binary(0x21, bytes(35)),
        binary(0x31, bytes(215)),
        PROXY_SIGNATURE + struct.pack("!BBH", 0x21, 0x11, MAX_REST_BYTES + 1),
        told(ADA, SERVER, b"\x04"),
        told(ADA, SERVER, b"\x04\x00\x02x"),
        told(ADA, SERVER, tlv(0x03, b"\0\0\0\0")),
        told(ADA, SERVER, tlv(0x03, b"")),
    ],
)
def test_what_is_no_header_is_refused_with_a_reason(data: bytes) -> None:
    with pytest.raises(BadHeader, match=r"\w{3}"):
        read(data)


def test_the_checksum_is_that_of_the_rfc() -> None:
    assert crc32c(b"123456789") == 0xE3069283  # RFC 3720, B.4, has the same of other bytes
    assert crc32c(bytes(32)) == 0x8A9136AA
    broken = bytearray(with_checksum(told(ADA, SERVER)))
    broken[17] ^= 1
    with pytest.raises(BadHeader, match="checksum"):
        read(bytes(broken))


ADDRESSES = st.ip_addresses(v=4) | st.ip_addresses(v=6)
PORTS = st.integers(0, 65535)


@given(st.data())
def test_what_a_proxy_says_is_what_is_read(data: st.DataObject) -> None:
    one = data.draw(ADDRESSES)
    other = data.draw(st.ip_addresses(v=one.version))
    source, to = (str(one), data.draw(PORTS)), (str(other), data.draw(PORTS))
    behind = data.draw(st.binary(max_size=20))
    header = read(told(source, to, data.draw(st.sampled_from([b"", BY_TLS]))) + behind)
    assert header is not None
    assert (header.source, header.destination) == (source, to)
    line = f"PROXY TCP{one.version} {one} {other} {source[1]} {to[1]}\r\n".encode()
    assert read(line + behind) == Header(len(line), source, to)


@given(st.sampled_from([b"", b"PROXY ", b"PROXY TCP4 ", PROXY_SIGNATURE]), st.binary(max_size=300))
def test_anything_is_read_waited_for_or_refused(begin: bytes, data: bytes) -> None:
    try:
        header = read(begin + data)
    except BadHeader:
        return
    assert header is None or 0 < header.size <= len(begin + data)
