"""TLS byte by byte: cut anywhere, ended, changed on the way, or none at all."""

from __future__ import annotations

import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.server.portions import PORTION_BYTES
from hubbub.server.tls.contexts import ACME, HTTP, server_context
from hubbub.server.tls.layer import MAX_HELLO_BYTES
from tests.certificates import Files, make_certificate
from tests.server.tls_pair import Certificate, Inside, Pair

VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]
ALERT, HANDSHAKE = b"\x15", b"\x16"

Maker = tuple[Certificate, Files]


@pytest.fixture(scope="module")
def maker(tmp_path_factory: pytest.TempPathFactory) -> Maker:
    files = make_certificate(tmp_path_factory.mktemp("tls"))
    return Certificate(server_context(files.certificate, files.key)), files


def pair(
    maker: Maker, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3, *, stays: bool = False
) -> Pair:
    client = maker[1].client()
    client.minimum_version = client.maximum_version = version
    return Pair(maker[0], client, stays=stays)


def hello(maker: Maker) -> bytes:
    """A client's first message."""
    one = pair(maker)
    with pytest.raises(ssl.SSLWantReadError):
        one.client.do_handshake()
    return one.outgoing.read()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("step", [1, 2, 7, None])
def test_what_is_sent_arrives_however_it_is_cut(
    maker: Maker, version: ssl.TLSVersion, step: int | None
) -> None:
    one = pair(maker, version)
    one.shake_hands(step)
    one.send(one.say(b"ada\n") + one.say(b"General\n") + one.say(b"x" * 20_000), step)
    assert one.inside.got == b"ada\nGeneral\n" + b"x" * 20_000
    assert one.client.version() == version.name.replace("_", ".")


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_answered_arrives(maker: Maker, version: ssl.TLSVersion) -> None:
    one = pair(maker, version)
    one.shake_hands()
    assert one.inside.transport is not None
    answer = bytes(range(256)) * 500
    one.inside.transport.write(b"")
    one.inside.transport.write(answer)
    one.inside.transport.writelines([b"and ", b"more"])
    assert one.heard() == answer + b"and more"


@pytest.mark.parametrize("version", VERSIONS)
def test_an_end_is_told_once_and_what_came_before_is_there(
    maker: Maker, version: ssl.TLSVersion
) -> None:
    one = pair(maker, version)
    one.shake_hands()
    one.send(one.say(b"hello") + one.end())
    assert (one.inside.got, one.inside.ends) == (b"hello", 1)
    assert one.transport.closed
    assert not one.transport.aborted


@pytest.mark.parametrize("version", VERSIONS)
def test_who_has_ended_still_hears_the_answer(maker: Maker, version: ssl.TLSVersion) -> None:
    one = pair(maker, version, stays=True)
    one.shake_hands()
    one.send(one.say(b"hello") + one.end())
    protocol, transport = one.transport.protocol, one.inside.transport
    assert protocol is not None
    assert transport is not None
    assert protocol.eof_received(), "the socket stays open"
    transport.write(b"answer")
    transport.close()
    assert one.transport.closed
    sent = one.transport.take()
    assert len(sent) > len(b"answer")
    if version is ssl.TLSVersion.TLSv1_3:  # before it, an ended client does not read on
        one.incoming.write(sent)
        assert one.client.read() == b"answer"


def test_a_connection_that_is_cut_is_no_end_of_what_is_said(maker: Maker) -> None:
    one = pair(maker, stays=True)
    one.shake_hands()
    one.send(one.say(b"I agree to noth"))
    protocol = one.transport.protocol
    assert protocol is not None
    assert not protocol.eof_received()
    protocol.connection_lost(None)
    assert (one.inside.ends, one.inside.losses) == (0, 1)


def test_our_end_is_told_and_what_comes_then_is_thrown_away(maker: Maker) -> None:
    one = pair(maker)
    one.shake_hands()
    transport = one.inside.transport
    assert transport is not None
    assert transport.can_write_eof()
    transport.write(b"no")
    transport.write_eof()
    transport.write(b"never")
    assert one.transport.ended
    assert not one.transport.closed
    one.send(one.say(b"more"))
    assert one.inside.got == b""
    assert one.heard() == b"no"


def test_while_it_takes_nothing_nothing_is_handed_over_and_the_socket_rests(maker: Maker) -> None:
    one = pair(maker)
    one.shake_hands()
    transport = one.inside.transport
    assert transport is not None
    transport.pause_reading()
    assert (one.transport.paused, transport.is_reading()) == (True, False)
    transport.resume_reading()
    assert (one.transport.paused, transport.is_reading()) == (False, True)
    one.send(one.say(b"hello"))
    assert one.inside.got == b"hello"


def test_a_first_message_of_any_length_takes_no_memory_before_it_is_there(maker: Maker) -> None:
    one = pair(maker)
    size = MAX_HELLO_BYTES + 1
    one.send(HANDSHAKE + b"\x03\x01\x40\x00\x01" + size.to_bytes(3, "big"))
    assert one.transport.closed
    assert one.transport.take()[:1] == ALERT


@given(data=st.data())
def test_a_changed_first_message_is_refused_or_understood_and_nothing_gets_in(
    maker: Maker, data: st.DataObject
) -> None:
    sent = bytearray(hello(maker))
    for _ in range(data.draw(st.integers(1, 4))):
        sent[data.draw(st.integers(2, len(sent) - 1))] = data.draw(st.integers(0, 255))
    sent += data.draw(st.binary(max_size=40))
    one = pair(maker)
    one.send(bytes(sent), data.draw(st.integers(1, len(sent))))
    assert one.inside.got == b""
    assert one.inside.transport is None
    answer = one.transport.take()
    assert answer[:1] in (b"", ALERT, HANDSHAKE)
    assert (answer[:1] == ALERT) <= one.transport.closed


@given(st.data())
def test_a_first_message_that_is_not_whole_is_waited_for(maker: Maker, data: st.DataObject) -> None:
    whole = hello(maker)
    one = pair(maker)
    one.send(whole[: data.draw(st.integers(2, len(whole) - 1))])
    assert one.transport.take() == b""
    assert not one.transport.closed
    assert one.inside.transport is None


@given(st.binary(min_size=1, max_size=200))
def test_bytes_that_are_no_first_message_get_an_alert_at_most(maker: Maker, rest: bytes) -> None:
    one = pair(maker)
    one.send(HANDSHAKE + b"\x03" + rest)
    assert one.inside.transport is None
    assert one.transport.take()[:1] in (b"", ALERT)


@pytest.mark.parametrize("version", VERSIONS)
@given(data=st.data())
def test_what_is_changed_on_the_way_is_not_handed_over(
    maker: Maker, version: ssl.TLSVersion, data: st.DataObject
) -> None:
    one = pair(maker, version)
    one.shake_hands()
    first, sent = one.say(b"good\n"), bytearray(one.say(b"changed on the way\n"))
    place = data.draw(st.integers(0, len(sent) - 1))
    sent[place] ^= data.draw(st.integers(1, 255))
    one.send(first + bytes(sent), data.draw(st.sampled_from([1, 3, None])))
    assert one.inside.got == b"good\n"
    # A length that was made longer is waited for.
    assert one.transport.closed or place in (3, 4)


@given(st.binary(min_size=5, max_size=100), st.booleans())
def test_plain_bytes_after_the_handshake_are_not_handed_over(
    maker: Maker, rest: bytes, good: bool
) -> None:
    one = pair(maker)
    one.shake_hands()
    one.send((one.say(b"good") if good else b"") + b"GET / HTTP/1.1\r\n" + rest)
    assert one.inside.got == (b"good" if good else b"")
    assert one.transport.closed
    assert one.transport.take()[:1] in (b"\x17", ALERT)


def test_plain_bytes_after_a_failed_handshake_are_thrown_away(maker: Maker) -> None:
    one = pair(maker)
    one.send(HANDSHAKE + b"\x03\x01\x00\x04\x02\x00\x00\x00")
    assert one.transport.closed
    protocol = one.transport.protocol
    assert protocol is not None
    protocol.received(b"ada\nGeneral\n")
    protocol.connection_lost(None)
    assert (one.inside.got, one.inside.losses) == (b"", 1)


def test_a_renegotiation_is_refused(maker: Maker) -> None:
    """TLS 1.2: a HelloRequest of a client, which is the server's to send, is not followed."""
    one = pair(maker, ssl.TLSVersion.TLSv1_2)
    one.shake_hands()
    one.send(hello(maker))  # as it is: not even encrypted
    assert one.transport.closed


def test_only_who_asks_for_it_gets_the_certificate_of_a_challenge(maker: Maker) -> None:
    files = maker[1]
    challenged = server_context(files.certificate, files.key, alpn=ACME)
    certificates = Certificate(server_context(files.certificate, files.key), challenged)
    for protocols, chosen in [([ACME], ACME), ([HTTP], HTTP), ([], None)]:
        client = files.client()
        client.set_alpn_protocols(protocols)
        for step in (1, None):
            one = Pair(certificates, client)
            one.shake_hands(step)
            assert one.client.selected_alpn_protocol() == chosen


def test_a_flood_of_tiny_records_is_read_in_portions(maker: Maker) -> None:
    """So that one connection does not keep the loop for as long as all of them take."""
    one = pair(maker)
    one.shake_hands()
    flood = b"".join(one.say(b"x") for _ in range(200))
    assert len(flood) < PORTION_BYTES

    one.arrive(flood)
    first = len(one.inside.got)
    assert 0 < first < 200
    assert one.transport.paused
    while one.loop.later:
        one.go_on()
    assert len(one.inside.got) == 200
    assert not one.transport.paused


def test_what_is_there_waits_while_nothing_is_taken(maker: Maker) -> None:
    one = pair(maker)
    one.shake_hands()
    one.arrive(b"".join(one.say(b"x") for _ in range(200)))
    transport, first = one.inside.transport, len(one.inside.got)
    assert transport is not None
    transport.pause_reading()
    one.go_on()
    assert len(one.inside.got) == first
    one._in_the_loop(transport.resume_reading)
    assert len(one.inside.got) == first, "not in the middle of what resumes it"
    while one.loop.later:
        one.go_on()
    assert len(one.inside.got) == 200


def test_an_end_waits_while_nothing_is_taken(maker: Maker) -> None:
    one = pair(maker)
    one.shake_hands()

    transport = one.inside.transport
    assert transport is not None
    pause = transport.pause_reading

    class Pauses(Inside):
        def received(self, data: bytes) -> None:
            super().received(data)
            pause()

    inside = Pauses()
    transport.set_protocol(inside)
    one.send(one.say(b"hello") + one.end())
    assert (inside.got, inside.ends) == (b"hello", 0)
    one._in_the_loop(transport.resume_reading)
    one.go_on()
    assert (inside.got, inside.ends) == (b"hello", 1)


def test_a_handshake_of_a_client_with_many_of_them_waits_for_its_turn(maker: Maker) -> None:
    one = pair(maker)
    one.share.charge(10.0, 0.0)
    one.arrive(hello(maker))
    assert one.transport.take() == b""
    assert one.transport.paused, "no more is read meanwhile"
    one.go_on()
    assert one.transport.take()[:1] == HANDSHAKE
    assert not one.transport.paused


def test_a_client_that_has_gone_while_it_waited_is_not_shaken_hands_with(maker: Maker) -> None:
    one = pair(maker)
    one.share.charge(10.0, 0.0)
    one.arrive(hello(maker))
    protocol = one.transport.protocol
    assert protocol is not None
    one.transport.close()
    protocol.connection_lost(None)
    one.go_on()
    assert one.transport.take() == b""
    assert one.inside.losses == 1
