"""Each module can be read after those that it imports: there are no circles among them."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

import grimp


def test_modules_import_each_other_in_one_direction() -> None:
    """Imports for types count, too: who reads a module has to know what those types are."""
    graph = grimp.build_graph("hubbub", exclude_type_checking_imports=False, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert len(imports) > 300
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        raise AssertionError(" imports ".join(reversed(error.args[1]))) from None
