"""A Debian that nobody has used yet, in a folder (chroot), with one ordinary user, ada."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.process import ROOT, Process, ServerProcess

RELEASE = "bookworm"
PACKAGES = ("ca-certificates", "git", "netcat-openbsd", "python3", "python3-venv", "systemd")
"""What docs/hosting.md has people install, nc, and systemd-analyze to look at the unit."""

SETUP_SECONDS = 900  # a mirror, or PyPI, may be slow
USER = "1000:1000"
HOME = "/home/ada"
PASSED_ON = ("PIP_CERT", "PIP_INDEX_URL", "PIP_DEFAULT_TIMEOUT", "https_proxy", "http_proxy")


def why_not() -> str:
    """Why there can be no such Debian here, or ""."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "only root can make a chroot"
    missing = [
        name for name in ("debootstrap", "chroot", "unshare", "git") if not shutil.which(name)
    ]
    return f"{', '.join(missing)} is missing" if missing else ""


class Debian:
    """``root``: its folder. The network is that of this computer."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def command(self, *words: str, user: str = USER, folder: str = HOME) -> list[str]:
        """What runs ``words`` in it, with its own /proc and the devices of this computer."""
        mounts = f"mount -t proc proc {self.root}/proc && mount --rbind /dev {self.root}/dev"
        enter = (
            f"exec chroot --userspec={user} {self.root} /bin/sh -c 'cd {folder} && exec \"$@\"' -"
        )
        return ["unshare", "--mount", "sh", "-c", f'{mounts} && {enter} "$@"', "-", *words]

    @property
    def environment(self) -> dict[str, str]:
        """That of a login."""
        passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        path = "/usr/local/bin:/usr/bin:/bin"
        return {"PATH": f"{path}:/usr/sbin:/sbin", "HOME": HOME, "LANG": "C.UTF-8", **passed}

    def run(self, line: str, *, user: str = USER, folder: str = HOME) -> str:
        """What a line of shell prints, errors too. Raises `AssertionError` if it fails."""
        done = subprocess.run(
            self.command("sh", "-c", line, user=user, folder=folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.environment,
            timeout=SETUP_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{line}: exit code {done.returncode}\n{done.stdout}"
        return done.stdout

    def run_as_root(self, line: str) -> str:
        return self.run(line, user="0:0", folder="/")


class ServerInDebian(ServerProcess):
    """``words`` start it in ``folder``; its data folder is ``data`` there."""

    def __init__(self, debian: Debian, folder: str, *words: str) -> None:
        super().__init__(debian.root / folder.lstrip("/") / "data")
        self._debian = debian
        self._folder = folder
        self._words = words

    def _spawn(self, arguments: Sequence[str]) -> Process:
        return subprocess.Popen(
            self._debian.command(*self._words, folder=self._folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self._debian.environment,
        )


@contextmanager
def fresh_debian() -> Iterator[Debian]:
    """A copy of it, with this repository, as it is committed, at /srv/hubbub.git."""
    with tempfile.TemporaryDirectory(prefix="hubbub-debian-") as folder:
        debian = Debian(Path(folder) / "root")
        subprocess.run(["cp", "-a", "--reflink=auto", _cached(), debian.root], check=True)
        certificate = os.environ.get("PIP_CERT")
        if certificate:
            copy = debian.root / certificate.lstrip("/")
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(certificate, copy)
        shutil.copy("/etc/resolv.conf", debian.root / "etc" / "resolv.conf")
        repository = debian.root / "srv" / "hubbub.git"
        clone = [
            "git",
            "clone",
            "--quiet",
            "--bare",
            "--depth=1",
            f"file://{ROOT}",
            str(repository),
        ]
        subprocess.run(clone, check=True)
        debian.run_as_root(
            "useradd --create-home --uid 1000 --shell /bin/bash ada && "
            "chown -R root:root /srv && git config --system --add safe.directory '*'"
        )
        yield debian


def _cached() -> Path:
    """Made once: it takes minutes. Delete the folder to have newer packages."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hubbub-tests"
    base = cache / f"debian-{RELEASE}"
    if not base.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        making = cache / f"debian-{RELEASE}.{os.getpid()}"
        subprocess.run(
            ["debootstrap", "--variant=minbase", RELEASE, making], check=True, timeout=SETUP_SECONDS
        )
        shutil.copy("/etc/resolv.conf", making / "etc" / "resolv.conf")
        install = f"apt-get install --yes --no-install-recommends {' '.join(PACKAGES)}"
        Debian(making).run_as_root(f"DEBIAN_FRONTEND=noninteractive {install} && apt-get clean")
        making.rename(base)
    return base
