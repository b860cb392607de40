"""The Unix socket that the server listens on beside its port, and its file."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import stat
from pathlib import Path

MODE = 0o660
"""To connect one has to be allowed to write to it: its user and its group are."""


class SocketRefused(OSError):
    """There can be no socket at this place; the message says why."""


class UnixSocket:
    """A socket that is bound to ``path``, to be listened on; its file is there until `remove`."""

    def __init__(self, path: Path, given: socket.socket | None = None) -> None:
        """Replaces one that a server has left behind. Raises `SocketRefused`.

        ``given``: this is that socket already, as the server before this one has bound it.
        """
        self.path = path.absolute()
        self._file: tuple[int, int] | None = None
        if given is not None:
            self.socket = given
            with contextlib.suppress(OSError):
                self._file = self._found()
            return
        family = getattr(socket, "AF_UNIX", None)
        if family is None:
            raise SocketRefused(f"There are no Unix sockets on this system, so no {path}.")
        self._make_way(family)
        self.socket = bound = socket.socket(family, socket.SOCK_STREAM)
        try:
            bound.bind(str(self.path))
            self._file = self._found()
            # Nobody can connect before the server listens.
            self.path.chmod(MODE)
            bound.setblocking(False)
        except OSError as error:
            bound.close()
            if error.errno is None:  # Python's own: it does not fit into the system's structure
                why = "the path is too long: a Unix socket's has at most about 100 bytes"
            else:
                why = os.strerror(error.errno)
            raise SocketRefused(f"Cannot listen on the Unix socket {path}: {why}.") from error

    def remove(self) -> None:
        """Removes the file, if it is still that of this socket."""
        with contextlib.suppress(OSError):
            if self._found() == self._file:
                self.path.unlink()

    def _found(self) -> tuple[int, int]:
        found = self.path.stat()
        return found.st_ino, found.st_mtime_ns  # the number alone may be used again

    def _make_way(self, family: int) -> None:
        try:
            found = self.path.lstat()
        except OSError:
            return  # what else is wrong shows when it is bound
        if not stat.S_ISSOCK(found.st_mode):
            raise SocketRefused(
                f"{self.path} is there and is no Unix socket. Choose another place (the setting "
                "socket), or take that away."
            )
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setblocking(False)
            failed = probe.connect_ex(str(self.path))
        if failed == errno.ECONNREFUSED:  # whoever has made it is gone
            with contextlib.suppress(OSError):
                self.path.unlink()
            return
        if failed in (errno.EACCES, errno.EPERM):
            raise SocketRefused(f"{self.path} is the Unix socket of another user of this computer.")
        raise SocketRefused(
            f"Another program listens on the Unix socket {self.path}. Stop that, or choose another "
            "place (the setting socket)."
        )
