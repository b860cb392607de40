"""A browser that was told to trust the server's own authority opens it without a question."""

from __future__ import annotations

import os
import shutil
import subprocess
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Error, sync_playwright

from tests.process import ServerProcess
from tests.web.browsing import FLAGS, Person, chromium

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        chromium() is None or shutil.which("certutil") is None,
        reason="there is no Chromium here, or no certutil",
    ),
]


def test_it_opens_the_chat_once_the_authority_is_installed(tmp_path: Path) -> None:
    store = tmp_path / ".pki" / "nssdb"  # where Chromium looks on Linux
    store.mkdir(parents=True)
    certutil = ("certutil", "-d", f"sql:{store}")
    subprocess.run([*certutil, "-N", "--empty-password"], check=True)
    with (
        ServerProcess(tmp_path / "data", "--tls", "required") as server,
        sync_playwright() as playwright,
    ):

        def opens() -> None:
            context = playwright.chromium.launch_persistent_context(
                tmp_path / "profile",
                executable_path=chromium(),
                args=list(FLAGS),
                env={**os.environ, "HOME": str(tmp_path)},
            )
            with context:
                for host in ("127.0.0.1", "localhost"):
                    ada = Person(context, f"https://{host}:{server.port}/", f"ada-{host[0]}")
                    ada.enter("General")  # over the WebSocket
                    assert ada.problems == []

        with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
            opens()
        file = tmp_path / "ca.crt"
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/ca.crt") as answer:
            file.write_bytes(answer.read())
        subprocess.run([*certutil, "-A", "-t", "C,,", "-n", "ours", "-i", str(file)], check=True)
        opens()
