"""Somebody's settings for pip: those that say how packages are reached are kept, all others not.

A setting such as `target`, `prefix` or `dry-run` in pip.conf or in the environment has pip install
elsewhere, or not at all, and there are more of them with every pip. How the package index is
reached, on the other hand, only the person at the computer knows.
"""

import ast
import re
from collections.abc import Iterable, Mapping

REACHING = (
    "cache-dir",
    "cert",
    "client-cert",
    "default-timeout",
    "extra-index-url",
    "find-links",
    "index-url",
    "keyring-provider",
    "no-cache-dir",
    "no-index",
    "proxy",
    "resume-retries",
    "retries",
    "timeout",
    "trusted-host",
    "use-deprecated",  # of the two last, each has had to do with certificates
    "use-feature",
)

LISTING = {"PIP_USER": "0", "PIP_GLOBAL": "0", "PIP_SITE": "0", "PIP_QUIET": "0"}
"""For `pip config list`, which obeys settings, too: these would have it print some of them only."""

SECTIONS = ("global", "install", ":env:")  # the later one counts

SETTING = re.compile(r"(?P<section>global|install|:env:)\.(?P<name>[a-z-]+)=(?P<value>.+)")


def reaching(listed: Iterable[str]) -> dict[str, str]:
    """The variables for pip that say what its settings, as `pip config list` prints them, say."""
    found: dict[tuple[str, str], str] = {}
    for line in listed:
        setting = SETTING.fullmatch(line.strip())
        if setting and setting["name"] in REACHING:
            value = str(ast.literal_eval(setting["value"])).strip()
            if value:  # as pip has it: an empty one does not count
                found[setting["section"], setting["name"]] = value
    return {
        variable(name): found[section, name]
        for section in SECTIONS
        for name in REACHING
        if (section, name) in found
    }


def variable(name: str) -> str:
    """The variable in the environment for a setting."""
    return "PIP_" + name.upper().replace("-", "_")


def without_any(variables: Mapping[str, str]) -> dict[str, str]:
    """The environment without pip's variables."""
    return {name: value for name, value in variables.items() if not name.startswith("PIP_")}
