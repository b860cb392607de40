"""All settings as a table for docs/configuration.md: ``python -m tools.settings_table``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from typing import Any, get_type_hints

from hubbub.config.settings import Settings, setting_of
from hubbub.config.sources import variable
from hubbub.setting.declaration import Group, Setting


def table() -> str:
    """Markdown: one table for each group, one row for each setting."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    hints = get_type_hints(Settings, include_extras=True)
    declared = [(field, setting_of(hints[field.name])) for field in fields(Settings)]
    for group in Group:
        yield from ("", f"### {group.value}", "")
        yield "| setting | default | allowed | what it is |"
        yield "| --- | --- | --- | --- |"
        yield from (_row(field, setting) for field, setting in declared if setting.group is group)


def _row(field: Field[Any], setting: Setting) -> str:
    flag = "--" + field.name.replace("_", "-")
    if field.default is MISSING:
        default = "depends"
    elif field.default is None or setting.kind.show(field.default) == "":
        default = "none"
    else:
        default = f"`{setting.kind.show(field.default)}`"
    cells = (f"`{flag}`<br>`{variable(flag)}`", default, setting.kind.allowed, setting.help)
    return "| " + " | ".join(cell.replace("|", r"\|").replace("*", r"\*") for cell in cells) + " |"


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
