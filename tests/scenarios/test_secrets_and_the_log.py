"""What nobody may read in the log, at any level: passwords, tokens, codes, and what is said."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect

from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess

PASSWORD = "correct-horse-7-battery"
WRONG = "wrong-donkey-8-battery"
TOKEN = "token-donkey-9-battery"
CODE = "CODE-KOALA-10"
SAID = "unspeakable-koala-11"
ROOM_PASSWORD = "room-llama-12-battery"
SECRETS = (PASSWORD, WRONG, TOKEN, CODE, SAID, ROOM_PASSWORD)


def test_secrets_never_get_into_the_log(tmp_path: Path) -> None:
    flags = ("--log-level", "debug", "--log-format", "json")
    with ServerProcess(tmp_path / "data", *flags) as server:
        known = asyncio.run(asyncio.wait_for(everything(server), PATIENCE_SECONDS))
        server.stop()
        server.tells("Stopping")
    log = "\n".join(server.output)
    assert '"event": "A connection begins"' in log, "it tells all that it ever does"
    assert '"protocol": "line"' in log
    assert '"protocol": "websocket"' in log
    assert "Logins are refused, as too many were wrong" in log
    assert "was banned from the server by" in log
    assert len(known) > 1
    owner_code = re.findall(r"/own ([0-9A-F]{8})", log)
    assert len(owner_code) == 1, "that one is for who reads the log"
    for secret in (*SECRETS, *known):
        assert secret not in log, [line for line in log.splitlines() if secret in line]


async def everything(server: ServerProcess) -> set[str]:
    """Types secrets wherever there are any; returns those that the server has made."""
    server.tells("/own ")
    made: set[str] = set()
    (code,) = [found[0] for line in server.output if (found := re.findall(r"/own (\w+)", line))]
    async with connect(server.url) as socket:

        async def ask(type: str, **fields: Any) -> dict[str, Any]:
            await socket.send(json.dumps({"type": type, "id": type, **fields}))
            while True:
                answer: dict[str, Any] = json.loads(await socket.recv())
                if answer.get("re") == type:
                    return answer

        made.add((await ask("hello", user="ada"))["token"])
        registered = await ask("register", password=PASSWORD)
        assert registered["type"] != "error", registered
        made.add(registered.get("token", PASSWORD))
        await ask("own", code=CODE)
        owned = await ask("own", code=code)
        assert owned["type"] != "error", owned
        await ask("join", room="Tea", password=ROOM_PASSWORD)
        await ask("say", room="Tea", text=SAID)
        banned = await ask("ban", room="/server", pattern="eve*", reason=SAID)
        assert banned["type"] != "error", banned
        await ask("nonsense", password=PASSWORD, token=TOKEN)
        await ask("search", query=SAID)
        link = await ask("link", room="Tea")
        if "code" in link:
            made.add(link["code"])
    for user in ("ada", "ben", "eve"):
        async with connect(server.url) as socket:
            hello = {"type": "hello", "user": user, "password": WRONG, "token": TOKEN, "code": CODE}
            for _ in range(6):
                await socket.send(json.dumps(hello))
                await socket.recv()
            await socket.send(json.dumps({"type": "reset", "user": "ada", "code": CODE}))
            await socket.recv()
            await socket.send(PASSWORD)  # what is no JSON at all
            await socket.recv()
    await line(server, f"ada\n{WRONG}\n{PASSWORD}\nTea\n/register {PASSWORD}\n{SAID}\n")
    await line(server, f"/reset ada {CODE}\n/login ada {WRONG}\n/factor {CODE}\n/own {CODE}\n")
    await line(server, f"{PASSWORD}\n" + "\x00" + f"{PASSWORD}\n")
    login = json.dumps({"user": "ada", "password": WRONG, "code": CODE})
    say = json.dumps({"text": SAID})
    for method, path, body in (
        ("POST", "/api/login", login),
        ("POST", "/api/login", f"{PASSWORD}"),
        ("POST", "/api/rooms/Tea/messages", say),
        ("GET", f"/api/search?q={SAID}", ""),
        ("GET", f"/join?code={CODE}", ""),
        ("GET", f"/sign-on/callback?code={CODE}&state={TOKEN}", ""),
        ("BREW", f"/{TOKEN}", ""),
    ):
        await line(
            server,
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n"
            f"Cookie: session={TOKEN}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}",
        )
    return made


async def line(server: ServerProcess, sent: str) -> None:
    """Sends it, ends that side of the connection, and hears all that is answered."""
    reader, writer = await asyncio.open_connection(*server.address)
    writer.write(sent.encode())
    writer.write_eof()
    while await reader.read(65536):
        pass
    writer.close()
