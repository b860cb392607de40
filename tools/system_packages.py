"""The programs that some tests use and pip cannot install: a browser, a compiler, nc, tmux …"""

import contextlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass

APT_SECONDS = 300  # Chromium is 100 MB; a mirror that takes longer is as good as none


@dataclass(frozen=True)
class Program:
    package: str  # its name in Debian and Ubuntu, and those of what belongs to it
    commands: tuple[str, ...]  # any one of them will do
    used_for: str

    @property
    def is_missing(self) -> bool:
        return not any(shutil.which(command) for command in self.commands)


PROGRAMS = (
    Program("chromium", ("chromium", "chromium-browser", "google-chrome"), "the web page's tests"),
    Program("firefox-esr", ("firefox-esr", "firefox"), "the web page's tests in Firefox"),
    Program("webkit2gtk-driver", ("WebKitWebDriver",), "the web page's tests in WebKit"),
    Program("xvfb", ("Xvfb",), "the web page's tests in WebKit and those with HexChat"),
    # Not gcc alone: it comes without the C library's headers.
    Program("build-essential", ("cc",), "the tests that stand between a server and its disk"),
    Program("netcat-openbsd", ("nc",), "the tests with nc"),
    Program("telnet", ("telnet",), "the tests with telnet"),
    Program("telnet-ssl", ("telnet-ssl",), "the tests with telnet over TLS"),
    Program("stunnel4", ("stunnel", "stunnel4"), "the tests with stunnel"),
    Program("openssl", ("openssl",), "the tests with openssl s_client"),
    Program("nginx-light libnginx-mod-stream", ("nginx",), "the tests behind nginx"),
    Program("haproxy", ("haproxy",), "the tests behind HAProxy"),
    Program("caddy", ("caddy",), "the tests behind Caddy"),
    Program("prometheus", ("promtool",), "the tests of the alerts"),
    Program("libnss3-tools", ("certutil",), "the test of a browser that trusts an authority"),
    Program("pebble", ("pebble",), "the tests with an ACME server"),
    Program("tmux", ("tmux",), "the tests that look at a terminal's screen"),
    Program("weechat-curses", ("weechat",), "the tests with WeeChat"),
    Program("irssi", ("irssi",), "the tests with irssi"),
    Program("sic", ("sic",), "the tests with sic"),
    Program("ii", ("ii",), "the tests with ii"),
    Program("hexchat", ("hexchat",), "the tests with HexChat"),
    Program("xdotool", ("xdotool",), "the tests with HexChat"),
    Program("xclip", ("xclip",), "the tests with HexChat"),
    Program("zsh", ("zsh",), "the tests of completion in zsh"),
    Program("fish", ("fish",), "the tests of completion in fish"),
    Program("debootstrap", ("debootstrap",), "the test on a fresh Debian"),
)


def install_missing() -> list[str]:
    """Install by apt what can be. Returns a line for each program that stays missing."""
    missing = [program for program in PROGRAMS if program.is_missing]
    if missing and can_install():
        apt_get("update")
        apt_get(
            "install",
            "--yes",
            "--no-install-recommends",
            *" ".join(p.package for p in missing).split(),
        )
        missing = [program for program in missing if program.is_missing]
    return [
        f"{program.commands[0]} is missing: {program.used_for} are skipped. "
        f"To have them run: sudo apt install {program.package}"
        for program in missing
    ]


def can_install() -> bool:
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_get(*arguments: str) -> None:
    """A failure needs no report of its own: the programs are still missing then."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(
            ["apt-get", "--quiet", "-o", "DPkg::Lock::Timeout=60", *arguments],
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=APT_SECONDS,
            check=False,
        )
