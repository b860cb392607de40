"""Single sign-on in clients without a browser's page: the code of a browser is their password."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.oidc_provider import OidcProvider, signing_on
from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess, clean_environment
from tests.scenarios.voices import Lines


@pytest.fixture
def world(tmp_path: Path) -> Iterator[tuple[ServerProcess, OidcProvider]]:
    with signing_on(tmp_path / "data") as (server, provider):
        yield server, provider
        assert server.stop() == 0
        assert not [line for line in server.output if "Traceback" in line], server.output
        assert not [line for line in server.output if "code=" in line], server.output


def code(server: ServerProcess) -> str:
    """What a browser shows that has signed on; the provider asks nothing."""
    with httpx2.Client(follow_redirects=True) as browser:
        page = browser.get(f"http://127.0.0.1:{server.port}/sign-on")
    found = re.search(r'id="code">([A-Z0-9-]+)<', page.text)
    assert found, page.text
    return found[1]


async def until(voice: Lines, words: str) -> str:
    """The next line with these words."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while words not in (line := await voice.hear()):
            assert line, f"the connection ended before {words!r}"
    return line


async def test_who_has_no_password_types_the_code_of_a_browser(
    world: tuple[ServerProcess, OidcProvider],
) -> None:
    server, _ = world
    code(server)  # the first one makes the account
    ada = await Lines.connect(server)
    try:
        await ada.say("ada")
        told = await until(ada, "belongs to an account")
        assert f"http://127.0.0.1:{server.port}/sign-on in a browser" in told
        await ada.say(code(server).lower())
        await until(ada, "Available rooms:")
        await ada.say("General")
        await until(ada, "ada has joined the chat!")
    finally:
        await ada.close()


def test_a_script_says_something_with_the_code(
    world: tuple[ServerProcess, OidcProvider],
) -> None:
    server, _ = world

    def send(password: str) -> subprocess.CompletedProcess[str]:
        address = f"ada@127.0.0.1:{server.port}"
        return subprocess.run(
            [sys.executable, "-m", "hubbub", "send", "--server", address, "General", "Tea"],
            check=False,
            env={**clean_environment(), "HUBBUB_PASSWORD": password},
            cwd=server.data.parent,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )

    code(server)
    refused = send("not that one")
    assert refused.returncode != 0
    assert "/sign-on in a browser" in refused.stderr
    done = send(code(server))
    assert (done.returncode, done.stderr) == (0, "")
