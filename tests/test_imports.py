"""Each module can be read after those that it imports: there are no circles among them."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

import grimp

STILL_ROUND = tuple(f"hubbub.hub.{name}" for name in ("presence", "room", "session", "users"))
"""Modules that know each other yet. Nothing is to be added here."""


def test_modules_import_each_other_in_one_direction() -> None:
    """Imports for types count, too: who reads a module has to know what those types are."""
    graph = grimp.build_graph("hubbub", exclude_type_checking_imports=False, cache_dir=None)
    imports = {
        module: {
            imported
            for imported in graph.find_modules_directly_imported_by(module)
            if not (module.startswith(STILL_ROUND) and imported.startswith(STILL_ROUND))
        }
        for module in graph.modules
    }
    assert len(imports) > 300
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        raise AssertionError(" imports ".join(reversed(error.args[1]))) from None
