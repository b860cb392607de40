"""Programs that people have: openssl s_client, telnet-ssl, and stunnel before netcat."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hubbub.server.tls.files import FileCertificates
from tests.certificates import Files, make_certificate
from tests.patience import PATIENCE_SECONDS
from tests.server.serving import Server, serving

PIPED = b"ada\nGeneral\nhello\n"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
async def server(files: Files) -> AsyncIterator[Server]:
    certificates = FileCertificates(files.certificate, files.key, lambda: datetime.now(UTC))
    async with serving(certificates=certificates) as server:
        yield server


def needs(program: str) -> pytest.MarkDecorator:
    missing = shutil.which(program) is None and not os.environ.get("CI")
    return pytest.mark.skipif(missing, reason=f"there is no {program} here")


@asynccontextmanager
async def running(*command: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def said_by(process: asyncio.subprocess.Process, words: bytes) -> bytes:
    """Waits until the program has shown these words; all until then."""
    assert process.stdout is not None
    shown = b""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while words not in shown:
            data = await process.stdout.read(4096)
            assert data, shown
            shown += data
    return shown


@needs("openssl")
@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
async def test_openssl_talks(server: Server, files: Files, version: str) -> None:
    ben = await server.enter("ben")
    at = f"127.0.0.1:{server.port}"
    trusted = ("-CAfile", str(files.certificate), "-verify_return_error")
    async with running("openssl", "s_client", "-quiet", version, *trusted, "-connect", at) as ada:
        assert ada.stdin is not None
        ada.stdin.write(PIPED)
        await said_by(ada, b"ada: hello")
        await ben.until("ada: hello")
        ben.say("and you?")
        await said_by(ada, b"ben: and you?")
        ada.stdin.write(b"exit\n")
        await ada.wait()
    await server.connections(1)


@needs("openssl")
@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
async def test_openssl_is_refused_with_old_versions(server: Server, version: str) -> None:
    at = f"127.0.0.1:{server.port}"
    old = (version, "-cipher", "DEFAULT:@SECLEVEL=0")
    async with running("openssl", "s_client", "-quiet", *old, "-connect", at) as ada:
        await said_by(ada, b"alert protocol version")


@needs("openssl")
async def test_openssl_does_not_renegotiate(server: Server) -> None:
    at = f"127.0.0.1:{server.port}"
    async with running("openssl", "s_client", "-tls1_2", "-connect", at) as ada:
        await said_by(ada, b"Secure Renegotiation IS supported")
        assert ada.stdin is not None
        ada.stdin.write(b"R\n")
        await said_by(ada, b"no renegotiation")


@needs("telnet-ssl")
async def test_telnet_talks(server: Server, files: Files) -> None:
    ben = await server.enter("ben")
    options = ("-z", "ssl", "-z", f"cacert={files.certificate}")
    async with running("telnet-ssl", *options, "localhost", str(server.port)) as ada:
        assert ada.stdin is not None
        for line, answer in [
            (b"ada", b"rooms:"),
            (b"General", b"has joined"),
            (b"hello", b"hello"),
        ]:
            ada.stdin.write(line + b"\n")
            await said_by(ada, answer)
        await ben.until("ada: hello")
        ada.stdin.write(b"exit\n")
        await ada.wait()
    await server.connections(1)


@needs("stunnel")
async def test_netcat_talks_through_stunnel_and_may_be_piped_into(
    server: Server, files: Files, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    configuration = tmp_path / "stunnel.conf"
    configuration.write_text(
        f"foreground = yes\npid =\n[hubbub]\nclient = yes\naccept = 127.0.0.1:{port}\n"
        f"connect = 127.0.0.1:{server.port}\nCAfile = {files.certificate}\nverifyChain = yes\n"
    )
    async with running("stunnel", str(configuration)) as stunnel:
        await said_by(stunnel, b"Configuration successful")
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(PIPED)
        writer.write_eof()
        async with asyncio.timeout(PATIENCE_SECONDS):
            heard = await reader.read()
        writer.close()
        assert b"ada: hello\n" in heard
        await server.connections(0)
