"""A network of the cluster's own, which loses packets: each program has a network namespace.

Between the namespaces there is a router, in one more. What is cut is not passed on by it, one way
or both, without a word to anybody. So connections time out as on a network that is broken, by what
the kernels at both ends do; behind a `tools.cluster.forwarder.Forwarder` they never do.

Needs Linux, root, and the commands `ip`, `unshare` and `nsenter`. Nothing outside is changed: all
of it is gone with the processes that hold the namespaces.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tools.cluster.forwarder import Way
from tools.cluster.guard import Guard
from tools.cluster.processes import PATIENCE_SECONDS, ClusterError

NET = (198, 18)
"""198.18.0.0/15 is for tests of networks (RFC 2544); in here nothing else can be reached anyway."""

TOOLS = ("ip", "unshare", "nsenter")


def is_possible() -> str | None:
    """Why there can be no such network here; None if there can."""
    if sys.platform != "linux":
        return "Network namespaces are Linux's."
    if os.geteuid() != 0:
        return "Only root may make network namespaces."
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        return f"For network namespaces these commands are missing: {', '.join(missing)}"
    trial = ("unshare", "--net", "ip", "rule", "add", "to", "198.18.0.1", "blackhole")
    done = subprocess.run(trial, capture_output=True, text=True, check=False)
    return f"There can be no network namespaces: {done.stderr}" if done.returncode else None


class Namespace:
    """A network namespace, which lives as long as a process that sleeps in it."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._holder = subprocess.Popen(
            ("unshare", "--net", "sleep", "infinity"),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        guard.watch(self.pid)
        self._path = Path(f"/proc/{self.pid}/ns/net")
        self._wait_until_apart()
        self.ip("link", "set", "lo", "up")

    @property
    def pid(self) -> int:
        """Of who holds it."""
        return self._holder.pid

    def command(self, *command: str) -> Sequence[str]:
        """``command`` as one that runs in there."""
        return ("nsenter", f"--net={self._path}", "--", *command)

    def ip(self, *arguments: str) -> None:
        """Does what `ip` with these ``arguments`` does there."""
        done = subprocess.run(
            self.command("ip", *arguments), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise ClusterError(f"ip {' '.join(arguments)} has failed: {done.stderr}")

    def socket(self) -> socket.socket:
        """A TCP socket in there, though whoever has it is not."""
        libc = ctypes.CDLL(None, use_errno=True)
        with Path("/proc/thread-self/ns/net").open() as own, self._path.open() as there:
            _enter(libc, there.fileno())
            try:
                return socket.socket()
            finally:
                _enter(libc, own.fileno())

    def close(self) -> None:
        """Ends it."""
        self._holder.kill()
        self._holder.wait()
        self._guard.forget(self.pid)

    def _wait_until_apart(self) -> None:
        own = Path("/proc/self/ns/net").readlink()
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            with suppress(OSError):
                if self._path.readlink() != own:
                    return
            if self._holder.poll() is not None or time.monotonic() > until:
                raise ClusterError("A network namespace cannot be made.")
            time.sleep(0.005)


class Place:
    """Where a program of the cluster runs; ``address`` is how the others there reach it."""

    def __init__(self, namespace: Namespace, door: str, address: str) -> None:
        """``door``: the router's interface that leads here."""
        self.address = address
        self.door = door
        self.command = namespace.command
        self.socket = namespace.socket


class Network:
    """All places, and the router between them. Raises `ClusterError`, also see `is_possible`."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._namespaces: list[Namespace] = []
        try:
            self._router = self._namespace()
            forwards = ("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
            subprocess.run(self._router.command(*forwards), check=True)
        except BaseException:
            self.close()
            raise

    def place(self) -> Place:
        """One more."""
        there = self._namespace()
        number = len(self._namespaces)
        first, second = NET
        here, address = (f"{first}.{second}.{number}.{host}" for host in (1, 2))
        door = f"to-{number}"
        peer = ("peer", "name", "wire", "netns", str(there.pid))
        self._router.ip("link", "add", door, "type", "veth", *peer)
        self._router.ip("addr", "add", f"{here}/24", "dev", door)
        self._router.ip("link", "set", door, "up")
        there.ip("addr", "add", f"{address}/24", "dev", "wire")
        there.ip("link", "set", "wire", "up")
        there.ip("route", "add", "default", "via", here)
        return Place(there, door, address)

    def between(self, one: Place, other: Place) -> Route:
        """What can be cut."""
        return Route(self._router, one, other)

    def close(self) -> None:
        """Ends all of it."""
        for namespace in self._namespaces:
            namespace.close()

    def _namespace(self) -> Namespace:
        made = Namespace(self._guard)
        self._namespaces.append(made)
        return made


class Route:
    """The ways of packets between two places, as `tools.cluster.forwarder.Link`."""

    def __init__(self, router: Namespace, one: Place, other: Place) -> None:
        self._router = router
        self._ways = {Way.THERE: (one, other), Way.BACK: (other, one)}
        self._cut = Way(0)

    @property
    def is_cut(self) -> bool:
        return bool(self._cut)

    def cut(self, way: Way = Way.BOTH) -> None:
        """From now on no packet comes through that way."""
        self._set(self._cut | way)

    def mend(self) -> None:
        self._set(Way(0))

    def _set(self, cut: Way) -> None:
        for way, (sender, receiver) in self._ways.items():
            if (way in cut) != (way in self._cut):
                rule = ("iif", sender.door, "to", receiver.address, "blackhole")
                self._router.ip("rule", "add" if way in cut else "del", *rule)
        self._cut = cut


def _enter(libc: ctypes.CDLL, descriptor: int) -> None:
    """This thread is in that namespace from now on."""
    if libc.setns(descriptor, 0):
        number = ctypes.get_errno()
        raise ClusterError(f"A network namespace cannot be entered: {os.strerror(number)}")
