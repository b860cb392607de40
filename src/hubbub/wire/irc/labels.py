"""Answers to commands with a label (https://ircv3.net/specs/extensions/labeled-response)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hubbub.wire.irc.message import escaped, written


def labelled(
    server: str, label: str, lines: Sequence[str], new_batch: Callable[[], str]
) -> list[str]:
    """The answer ``lines`` as they are told to who has put a label to the question."""
    if not lines:
        return [written("ACK", source=server, tags={"label": label})]
    if len(lines) == 1 and not in_batch(lines[0]):
        return [with_tag(lines[0], "label", label)]
    batch = new_batch()
    return [
        written("BATCH", f"+{batch}", "labeled-response", source=server, tags={"label": label}),
        *(line if in_batch(line) else with_tag(line, "batch", batch) for line in lines),
        written("BATCH", f"-{batch}", source=server),
    ]


def in_batch(line: str) -> bool:
    """Whether the message is a part of a batch."""
    tags = line[1:].partition(" ")[0] if line.startswith("@") else ""
    return any(part.startswith("batch=") for part in tags.split(";"))


def with_tag(line: str, key: str, value: str) -> str:
    """The message with one more tag."""
    tag = f"{key}={escaped(value)}"
    return f"@{tag};{line[1:]}" if line.startswith("@") else f"@{tag} {line}"
