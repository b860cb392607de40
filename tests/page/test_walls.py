"""The walls between the parts of the page: what may import what.

That no module imports itself by way of others is held by `join_modules`.
"""

from __future__ import annotations

import pytest

from hubbub.server.http.assets import FOLDER
from hubbub.server.http.joining import imports_of

# A module imports from its own part and from the lines below; parts on one line never from each
# other. When a wall stands in the way, change it here, in a commit of its own that says why.
WALLS = (
    ("main.js",),  # builds everything
    ("view", "version.js"),
    ("chat",),
    ("net", "keep"),
    ("text", "signal.js"),
    ("worker.js",),  # the browser runs it beside the page
)

LINES = {part: line for line, parts in enumerate(WALLS) for part in parts}

MODULES = {
    path.relative_to(FOLDER).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted(FOLDER.rglob("*.js"))
}


def part_of(module: str) -> str:
    """Its folder, or the module itself where it is in none."""
    return module.partition("/")[0]


def why_not(module: str, imported: str) -> str | None:
    """What is wrong with an import, and what to do; None if it may be."""
    importer, other = part_of(module), part_of(imported)
    if importer == other or LINES[importer] < LINES[other]:
        return None
    return (
        f"{module} imports {imported}, but {importer} must not know {other}. Hand in what it needs "
        "from there when it is built (a value, a function, a Signal to listen to), or move what "
        f"both need below {importer}."
    )


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_downwards(module: str) -> None:
    assert part_of(module) in LINES, f"Give {part_of(module)} its line in WALLS, {__file__}."
    wrong = filter(None, (why_not(module, other) for other in imports_of(module, MODULES[module])))
    assert not list(wrong)


@pytest.mark.parametrize(
    "module, imported",
    [("text/a.js", "view/b.js"), ("net/a.js", "keep/b.js"), ("signal.js", "chat/b.js")],
)
def test_a_broken_wall_says_what_to_do(module: str, imported: str) -> None:
    why = why_not(module, imported)
    assert why
    assert why.startswith(f"{module} imports {imported}, but ")
