"""What is done again and again outlives a defect in it: one that is met ends nothing else."""

from __future__ import annotations

import logging
from types import TracebackType

logger = logging.getLogger(__name__)


class GoingOn:
    """``with`` it, an unexpected error is logged, once for each kind in a row, and passed over.

    ``what``: what is done, as the beginning of a sentence.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._met: type[BaseException] | None = None

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        met, self._met = self._met, kind
        if kind is None or not issubclass(kind, Exception):
            return False
        if kind is not met:
            logger.error("%s failed, and is tried again.", self._what, exc_info=error)
        return True
