"""One file of many: ES modules, and style sheets, joined so that one request brings them.

A browser asks one server for six files at a time over HTTP/1.1. The page has some seventy modules,
which a line with 150 ms of latency would bring in two seconds. They stay what they are, also at
their own addresses; in the joined one their comments and indents are left out, a third of all
bytes.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence

_IMPORT = re.compile(r'^import (?:\{([^}]*)\} from )?"(\.[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async function|function|class|const) (\w+))", re.MULTILINE)
_OTHERWISE = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
_HERE = "import.meta.url"
# On lines of their own, and behind code. A text may not look like one: ESLint forbids texts that
# span lines, and those that have " // ".
_COMMENT = re.compile(
    r"^ *(?://[^\n]*\n|/\*\*(?:[^*]|\*(?!/))*(?:\*/\n|\Z))| +// [^\n]*", re.MULTILINE
)
_COMMENT_OF_STYLES = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPACE = re.compile(r"^[ \n]+", re.MULTILINE)  # before code, and lines that have none


def join_modules(modules: Mapping[str, str], first: str) -> str:
    """The module ``first`` and all that it imports, as one module.

    ``modules`` are texts by paths. They import with ``import {…} from "./…";`` and export
    declarations, and nothing else; `ValueError` names the line of one that does otherwise, or the
    circle if modules import each other. Only ``first`` may await outside of a function.
    """
    order = _in_order(modules, first)
    numbers = {name: number for number, name in enumerate(order)}
    return "".join(_wrapped(name, modules[name], numbers, name == first) for name in order)


def join_styles(styles: Mapping[str, str], order: Sequence[str]) -> str:
    """Style sheets, one behind the other. None has a text with a comment in it."""
    joined = "".join(styles[name] for name in order)
    return _SPACE.sub("", _COMMENT_OF_STYLES.sub("", joined))


def imports_of(name: str, text: str) -> list[str]:
    """The paths of the modules that the module at the path ``name`` imports."""
    return [_resolved(name, found[2]) for found in _IMPORT.finditer(text)]


def _in_order(modules: Mapping[str, str], first: str) -> list[str]:
    """Each module behind those that it imports, as a browser runs them (ECMA-262, 16.2.1.5.3.1)."""
    order: dict[str, None] = {}

    def visit(name: str, *importers: str) -> None:
        if name in importers:
            circle = " imports ".join((*importers[importers.index(name) :], name))
            raise ValueError(f"{circle}: what they need of each other is a module of its own")
        for other in imports_of(name, modules[name]):
            if other not in order:
                visit(other, *importers, name)
        order[name] = None

    visit(first)
    return list(order)


def _resolved(name: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))


def _wrapped(name: str, text: str, numbers: Mapping[str, int], last: bool) -> str:
    def given(found: re.Match[str]) -> str:
        if found[1] is None:
            return ""
        names = found[1].replace(" as ", ": ")
        return f"const {{{names}}} = m{numbers[_resolved(name, found[2])]};\n"

    exported = ", ".join(_EXPORT.findall(text))
    body = _SPACE.sub("", _EXPORT.sub("", _IMPORT.sub(given, _COMMENT.sub("", text))))
    if found := _OTHERWISE.search(body):
        raise ValueError(f"{name} cannot be joined with others: {found[0]}")
    body = body.replace(_HERE, f'new URL("./{name}", {_HERE}).href')
    if last:
        return f"{body}export {{ {exported} }};\n" if exported else body
    return f"const m{numbers[name]} = (() => {{\n{body}return {{ {exported} }};\n}})();\n"
