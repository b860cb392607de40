"""Open files: a connection is one, and the system gives a process only so many."""

from __future__ import annotations

import logging

RESERVED_DESCRIPTORS = 64  # for the database, the modules, the log: whatever is no connection

logger = logging.getLogger(__name__)


def raise_descriptor_limit(sessions: int) -> int:
    """Lets this process open as many files as ``sessions`` connections need, if it may.

    The limit that a shell hands down is often 1,024, and may be raised up to a second one without
    asking anybody. Warns when that is too few. Returns how many connections can be served then,
    at most ``sessions``; 0 for no limit. Whoever comes beyond is told so, where without a file
    left nobody could even be turned away.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return sessions
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    if sessions <= 0:
        wanted = most
    else:
        wanted = sessions + RESERVED_DESCRIPTORS
        if most != unlimited:
            wanted = min(wanted, most)
    if now != unlimited and (wanted == unlimited or wanted > now):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
            now = wanted
        except (OSError, ValueError):  # macOS has yet another limit, and tells it so
            logger.debug("The limit of open files stays %d", now)
    if now == unlimited:
        return sessions
    served = max(1, now - RESERVED_DESCRIPTORS)
    if served < sessions:
        logger.warning(
            "This system lets the server open %d files, and so serve about %d of the %d "
            "connections that the setting sessions allows. Raise it with: ulimit -n %d",
            now,
            served,
            sessions,
            sessions + RESERVED_DESCRIPTORS,
        )
    return min(served, sessions) if sessions > 0 else served
