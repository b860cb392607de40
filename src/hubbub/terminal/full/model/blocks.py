"""The rows of the loaded events, with stable numbers.

`base` is the number of the first row. When rows are added or removed at the front, all others keep
their numbers, so that a selection and the scroll position stay.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import islice

from hubbub.terminal.full.model.rows import Row

FIRST_ROW = 1 << 30  # so large that rows at the front do not get negative numbers


class Blocks:
    """The rows of the head, then one block of rows for each event."""

    def __init__(self) -> None:
        self.base = FIRST_ROW
        self.rows: list[Row] = []
        self._heads = 0
        self._counts: deque[int] = deque()

    def __len__(self) -> int:
        return len(self.rows)

    def place(self, number: int) -> int | None:
        """The number of the first row of a block; blocks are numbered from 0."""
        if not 0 <= number < len(self._counts):
            return None
        return self.base + self._heads + sum(islice(self._counts, number))

    def count(self, number: int) -> int:
        """The number of rows of a block."""
        return self._counts[number]

    def begin(self, head: Sequence[Row], blocks: Sequence[Sequence[Row]]) -> None:
        """Replaces everything."""
        self.base = FIRST_ROW
        self.rows = [*head]
        self._heads = len(head)
        self._counts.clear()
        self.append(blocks)

    def append(self, blocks: Sequence[Sequence[Row]]) -> None:
        """Adds blocks at the end."""
        for block in blocks:
            self.rows += block
            self._counts.append(len(block))

    def prepend(self, blocks: Sequence[Sequence[Row]]) -> None:
        """Adds blocks at the front."""
        rows = [row for block in blocks for row in block]
        self._splice(self._heads, self._heads, rows, keep_behind=True)
        self._counts.extendleft(len(block) for block in reversed(blocks))

    def drop_first(self, count: int) -> None:
        """Removes the first ``count`` blocks."""
        gone = sum(self._counts.popleft() for _ in range(count))
        self._splice(self._heads, self._heads + gone, (), keep_behind=True)

    def drop_last(self, count: int) -> None:
        """Removes the last ``count`` blocks."""
        gone = sum(self._counts.pop() for _ in range(count))
        del self.rows[len(self.rows) - gone :]

    def set_head(self, rows: Sequence[Row]) -> None:
        """Replaces the head."""
        self._splice(0, self._heads, rows, keep_behind=True)
        self._heads = len(rows)

    def replace(self, number: int, block: Sequence[Row], top: int) -> None:
        """Replaces a block. The rows after it keep their numbers if it ends at or before ``top``,
        the row at the top of the screen; otherwise the rows before it do.
        """
        first = self.place(number)
        assert first is not None
        last = first + self._counts[number]
        self._counts[number] = len(block)
        self._splice(first - self.base, last - self.base, block, keep_behind=last <= top)

    def _splice(self, start: int, end: int, rows: Sequence[Row], *, keep_behind: bool) -> None:
        self.rows[start:end] = rows
        if keep_behind:
            self.base -= len(rows) - (end - start)
