"""A file that somebody sends is a link in IRC that can be opened."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from urllib.request import urlopen

from tests.process import ServerProcess
from tests.terminal.scripting import Commands


def test_a_link_to_a_file_is_whole_where_no_address_was_set(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("tea at four")
    with ServerProcess(tmp_path / "data", "--rate-limit", "0") as server:
        commands = Commands(server, tmp_path / "cache")
        assert commands.run("send", "General", "look", "--file", str(file)).code == 0
        with socket.create_connection(server.address, 10) as ada:
            ada.sendall(b"NICK ada\r\nUSER a 0 * :A\r\nJOIN #General\r\nQUIT\r\n")
            told = ada.makefile(encoding="utf-8").read()
        link = re.search(r"notes\.txt \(11 B\) (\S+)", told)
        assert link is not None, told
        with urlopen(link[1], timeout=10) as answer:
            assert answer.read() == b"tea at four"
