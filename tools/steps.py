"""One step of a check: a command that is run, timed, and shown whole when it fails."""

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Step:
    name: str
    command: Sequence[str]
    variables: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    step: Step
    exit_code: int
    seconds: float
    output: str

    @property
    def failed(self) -> bool:
        return self.exit_code != 0


async def run(step: Step) -> Result:
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *step.command,
        env={**os.environ, **step.variables},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
    exit_code = process.returncode or 0
    return Result(step, exit_code, time.monotonic() - began, output.decode(errors="replace"))


async def run_and_say(step: Step) -> Result:
    result = await run(step)
    outcome = "FAILED" if result.failed else "ok"
    print(f"{step.name:<20} {outcome:<6} {result.seconds:6.1f} s", flush=True)
    if result.failed:
        print(f"\n{result.output.rstrip()}\n", flush=True)
    return result
