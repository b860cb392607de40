from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.wire.line.telnet import TelnetFilter


def strip(*pieces: bytes) -> bytes:
    telnet = TelnetFilter()
    return b"".join(map(telnet.strip, pieces))


CASES = [
    pytest.param(b"ada", b"ada", id="nothing"),
    pytest.param(b"\xff\xfb\x1fada", b"ada", id="WILL NAWS"),
    pytest.param(b"\xff\xfc\x01\xff\xfd\x03\xff\xfe\x22ada", b"ada", id="WONT, DO, DONT"),
    pytest.param(b"\xff\xfb\xffada", b"ada", id="an option numbered like IAC"),
    pytest.param(b"a\xff\xf1d\xff\xf6a", b"ada", id="NOP, AYT"),
    pytest.param(b"\xff\xf4\xff\xfd\x06ada", b"ada", id="interrupt, DO TIMING-MARK"),
    pytest.param(b"ada\xff\xec\xff\xed\xff\xee\xff\xef", b"ada", id="EOF, SUSP, ABORT, EOR"),
    pytest.param(b"\xff\xfa\x1f\x00\x50\x00\x18\xff\xf0ada", b"ada", id="window size"),
    pytest.param(b"\xff\xfa\x1f\x00\x0a\x00\x0a\xff\xf0ada", b"ada", id="a window of 10 columns"),
    pytest.param(b"\xff\xfa\x1f\xff\xff\x00\xff\xf0ada", b"ada", id="IAC IAC in an option"),
    pytest.param(b"\xff\xfa\x18\x00xterm\xff\xf0ada\r\n", b"ada\r\n", id="terminal type"),
    pytest.param(b"\xff\xf0ada", b"ada", id="an end without a beginning"),
    pytest.param(b"a\xff\xffb", b"a\xffb", id="IAC IAC is a byte of data"),
    pytest.param(b"a\xffb\n", b"a\xffb\n", id="ISO 8859-1, not telnet"),
    pytest.param(b"a\xff\n", b"a\xff\n", id="ISO 8859-1 at the end of a line"),
    pytest.param(b"ada\xff", b"ada", id="cut off"),
    pytest.param(b"ada\xff\xfb", b"ada", id="an option cut off"),
    pytest.param(b"ada\xff\xfa\x1fben\n", b"ada", id="an option that does not end"),
]


@pytest.mark.parametrize("data, text", CASES)
def test_telnet_s_bytes_are_taken_out_wherever_they_are_cut(data: bytes, text: bytes) -> None:
    assert strip(data) == text
    assert strip(*(bytes([byte]) for byte in data)) == text
    for cut in range(len(data)):
        assert strip(data[:cut], data[cut:]) == text


BYTES = st.sampled_from(b"\xff\xff\xfa\xf0\xfb\xfe\xf1\x00\x0aa\xec\xeb")


@given(st.lists(BYTES | st.integers(0, 255), max_size=40).map(bytes), st.integers(0, 40))
@settings(max_examples=300, deadline=None)
def test_no_cut_changes_what_is_left(data: bytes, cut: int) -> None:
    assert strip(data[:cut], data[cut:]) == strip(data)


@given(
    st.binary(max_size=40), st.sampled_from([b"\xff\xfb\x1f", b"\xff\xf1", b"\xff\xfax\xff\xf0"])
)
@settings(max_examples=200, deadline=None)
def test_text_passes_as_it_is_between_commands(text: bytes, command: bytes) -> None:
    text = text.replace(b"\xff", b"")
    assert strip(text + command + text) == text + text
