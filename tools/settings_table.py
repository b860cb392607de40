"""All settings as a table for docs/configuration.md: ``python -m tools.settings_table``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from typing import Any, get_type_hints

from cyclopts import Group, Parameter

from hubbub.config.settings import Settings
from hubbub.config.sources import variable


def table() -> str:
    """Markdown: one table for each group, one row for each setting."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    hints = get_type_hints(Settings, include_extras=True)
    group = None
    for field in fields(Settings):
        parameter: Parameter = hints[field.name].__metadata__[0]
        (its_group,) = parameter.group  # type: ignore[misc]
        if its_group != group:
            group = its_group
            assert isinstance(group, Group)
            yield from ("", f"### {group.name}", "")
            yield "| setting | default | allowed | what it is |"
            yield "| --- | --- | --- | --- |"
        yield _row(field, parameter)


def _row(field: Field[Any], parameter: Parameter) -> str:
    flag = "--" + field.name.replace("_", "-")
    kind = parameter.converter.__self__.kind  # type: ignore[union-attr]
    if field.default is MISSING:
        default = "depends"
    elif field.default is None or kind.show(field.default) == "":
        default = "none"
    else:
        default = f"`{kind.show(field.default)}`"
    cells = (
        f"`{flag}`<br>`{variable(flag)}`",
        default,
        kind.allowed,
        parameter.help or "",
    )
    return "| " + " | ".join(cell.replace("|", r"\|").replace("*", r"\*") for cell in cells) + " |"


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
