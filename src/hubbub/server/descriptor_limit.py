"""Raises the limit of file descriptors: each connection takes one."""

from __future__ import annotations

import logging

RESERVED_DESCRIPTORS = 64  # for the database, modules and logs

logger = logging.getLogger(__name__)


def raise_descriptor_limit(sessions: int) -> int:
    """Raises the soft limit of descriptors to what ``sessions`` connections need (0: no limit).

    A shell's soft limit is often 1,024, and any process may raise its own up to the hard limit.
    Warns if that is too low. Returns how many connections can be served, at most ``sessions``; 0
    for no limit. Refuse those beyond: without a free descriptor they could not even be told why.
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
