"""Labels: what programs say of somebody, or of a room, by names that they agree on.

As where a picture is, or a colour. Nothing here knows what any of them means.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta

from hubbub.domain.errors import BadMessage, TooMany
from hubbub.domain.told import Key, Words

MAX_LABELS = 10  # of one user, or room: all of them are saved with each change of a profile
MAX_LABEL_CHARS = 32
MAX_VALUE_BYTES = 300
LABEL_PATTERN = "^[a-z][a-z0-9_./-]*$"

Label = Annotated[str, Meta(max_length=MAX_LABEL_CHARS, pattern=LABEL_PATTERN)]
LabelChanges = Annotated[
    dict[Label, Annotated[str, Meta(max_length=MAX_VALUE_BYTES)] | None],
    Meta(max_length=MAX_LABELS),
]
"""What somebody wants to say by some labels; None takes one away."""

Labels = Annotated[dict[Key, Words], Meta(max_length=MAX_LABELS * 5)]
"""As they are told; another server may have other limits."""
LabelsChanged = Annotated[dict[Key, Words | None], Meta(max_length=MAX_LABELS * 5)]


def labelled(labels: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    """What ``changes`` make of ``labels``. Of too many, those that are new are left out."""
    after = {**labels, **changes}
    kept = [(label, value) for label, value in after.items() if value is not None]
    return dict(kept[: max(MAX_LABELS, len(labels))])


def difference(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str | None]:
    """The changes that make ``now`` of ``before``."""
    return {
        label: now.get(label)
        for label in dict.fromkeys((*before, *now))
        if before.get(label) != now.get(label)
    }


def check_labels(labels: Mapping[str, str], changes: Mapping[str, str | None]) -> None:
    """Raises `BadMessage` for values that may not be, and `TooMany` if there were too many."""
    for label, value in changes.items():
        if value is None:
            continue
        if len(value.encode(errors="replace")) > MAX_VALUE_BYTES:
            raise BadMessage(f'The value of "{label}" has more than {MAX_VALUE_BYTES} bytes.')
        if not all(char.isprintable() or ord(char) > LAST_CONTROL for char in value):
            raise BadMessage(f'There is a character in "{label}" that nobody can see.')
    gone = sum(value is None and label in labels for label, value in changes.items())
    new = sum(value is not None and label not in labels for label, value in changes.items())
    if new and len(labels) - gone + new > MAX_LABELS:
        raise TooMany(f"There can be {MAX_LABELS} labels. Take others away first.")


LAST_CONTROL = 0x9F
