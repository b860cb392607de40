"""The tasks of administrators, for docs/admin.md: ``python -m tools.tasks_table``."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from msgspec import inspect as shapes

from hubbub.admin.table import TASKS
from hubbub.admin.tasks import Arguments, Task
from hubbub.domain.replies import Reply
from hubbub.domain.rules import Role

WHO = {Role.MODERATOR: "administrators", Role.OWNER: "owners"}


def table() -> str:
    """Markdown: a section for each task, and one for each form of what they give."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    parts: dict[str, type[Struct]] = {}
    for task in TASKS:
        yield f"### `{task.name}`"
        yield ""
        yield f"{task.does} For {WHO[task.least]}. {_taken(task)}"
        yield f"Gives {_link(task.result)}."
        yield ""
        _collect(task.result, parts)
    yield "### What tasks give"
    yield ""
    for name, kind in sorted(parts.items()):
        yield f"#### {name}"
        yield ""
        yield _about(kind)
        yield ""
        yield f"`{_fields(kind)}`"
        yield ""


def _taken(task: Task) -> str:
    if not task.arguments.__struct_fields__:
        return "Takes `{}`."
    about = "" if task.arguments.__doc__ == Arguments.__doc__ else f" {_about(task.arguments)}"
    return f"Takes `{_fields(task.arguments)}`.{about}"


def _link(kind: type) -> str:
    return f"[{kind.__name__}](#{kind.__name__.lower()})"


def _about(kind: type) -> str:
    said = " ".join(inspect.cleandoc(kind.__doc__ or "").split())
    return said.replace("``", "`")


def _fields(kind: type[Struct]) -> str:
    info = shapes.type_info(kind)
    assert isinstance(info, shapes.StructType)
    optional = issubclass(kind, Arguments) or kind.__struct_config__.omit_defaults
    said = [
        f'"{one.encode_name}"{"?" if optional and not one.required else ""}: {_shape(one.type)}'
        for one in info.fields
    ]
    return "{" + ", ".join(said) + "}"


def _shape(kind: Any) -> str:
    match kind:
        case shapes.UnionType(types=types):
            return " or ".join(map(_shape, types))
        case shapes.NoneType():
            return "null"
        case shapes.EnumType(cls=cls):
            return " or ".join(f'"{one.value}"' for one in cls)
        case shapes.StructType(cls=cls):
            return cls.__name__
        case shapes.ListType(item_type=item) | shapes.VarTupleType(item_type=item):
            return f"[{_shape(item)}]"
        case shapes.CollectionType(item_type=item):
            return f"[{_shape(item)}]"
        case shapes.DictType(value_type=value):
            return "{name: " + _shape(value) + "}"
        case shapes.IntType():
            return "number"
        case shapes.FloatType():
            return "number"
        case shapes.BoolType():
            return "true or false"
        case shapes.RawType():
            return "a command"
        case _:
            return "text"


def _collect(kind: Any, parts: dict[str, type[Struct]]) -> None:
    info = shapes.type_info(kind) if isinstance(kind, type) else kind
    match info:
        case shapes.StructType(cls=cls):
            if cls.__name__ in parts or cls is Reply:
                return
            parts[cls.__name__] = cls
            for field in info.fields:
                _collect(field.type, parts)
        case shapes.UnionType(types=types):
            for one in types:
                _collect(one, parts)
        case shapes.ListType(item_type=item) | shapes.VarTupleType(item_type=item):
            _collect(item, parts)
        case shapes.CollectionType(item_type=item):
            _collect(item, parts)
        case shapes.DictType(value_type=value):
            _collect(value, parts)


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
