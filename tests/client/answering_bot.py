"""A bot that answers each question, to be killed at any moment; its address and its file."""

from __future__ import annotations

import asyncio
import sys

from hubbub.client import Happened, Said, connect


async def main(address: str, state: str) -> None:
    async with connect(address, user="Bot", state=state) as chat:
        await chat.join("General")
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        async for update in chat:
            match update:
                case Happened(room, Said(seq=seq, text=text), history=False) if "?" in text:
                    await chat.say(room, text.replace("?", "!"), nonce=f"answer-{seq}")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
