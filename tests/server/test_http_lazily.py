"""The HTTP side is there from the first connection on, and is not imported before."""

from __future__ import annotations

import asyncio
import subprocess
import sys

from hubbub.server.http.lazily import Http
from hubbub.server.options import Options
from hubbub.server.origin_policy import OriginPolicy
from tests.process import ROOT
from tests.server.http_support import Client, FakeHub, metering, nowhere


async def test_a_connection_is_served_whether_or_not_it_was_warmed_up_for() -> None:
    http = Http(FakeHub(), OriginPolicy((), ()), Options(), nowhere, *metering())
    http.close_idle()  # there are none
    server = await asyncio.get_running_loop().create_server(http, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    for _ in range(2):
        client = Client(*await asyncio.open_connection(*address))
        assert (await client.get("/healthz")).status == 200
        http.close_idle()
        assert await client.closed()
        await client.close()
        await http.warm()
    server.close()


async def test_the_servers_options_count() -> None:
    http = Http(
        FakeHub(),
        OriginPolicy((), ()),
        Options(metrics="off", first_bytes_seconds=0.25),
        nowhere,
        *metering(),
    )
    server = await asyncio.get_running_loop().create_server(http, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    client = Client(*await asyncio.open_connection(*address))
    assert (await client.get("/metrics")).error == "not-found"
    client.send(b"GET")
    assert (await client.answer()).error == "too-slow"
    await client.close()
    server.close()


def test_nothing_heavy_is_imported_before_the_first_connection() -> None:
    code = (
        "import sys, hubbub.server.http.lazily;"
        "print([name for name in ('starlette', 'uvicorn', 'h11') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
