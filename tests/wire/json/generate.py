"""Hypothesis strategies for the protocol's structs, built from their own types."""

from __future__ import annotations

import json
from typing import Any, TypeVar, get_args

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from hubbub.domain.commands import NO_NUL, AnyCommand, Command
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import AnyReply, Reply

T = TypeVar("T")

INT64 = 2**63 - 1

# No lone surrogates: no frame of JSON in UTF-8 can bring one in, and `parse_text` keeps them out.
TEXTS = st.characters(codec="utf-8")
WITHOUT_NUL = st.characters(codec="utf-8", exclude_characters="\0")
NAME_CHARS = st.sampled_from("adaAbz09_.-|éßжяαω漢字あ한नम")


def _name(kind: type[UserName | RoomName]) -> st.SearchStrategy[UserName | RoomName]:
    raw = st.text(NAME_CHARS, max_size=kind.MAX_CHARS - 1)
    return st.builds(lambda first, rest: kind.parse(first + rest), st.sampled_from("abz漢"), raw)


def _of(kind: inspect.Type) -> st.SearchStrategy[Any]:
    match kind:
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
        case inspect.IntType(ge=least, le=most):
            return st.integers(
                -INT64 if least is None else int(least), INT64 if most is None else int(most)
            )
        case inspect.FloatType():
            return st.floats(allow_nan=False, allow_infinity=False)
        case inspect.StrType(min_length=least, max_length=most, pattern=pattern):
            if pattern not in (None, NO_NUL):
                return st.from_regex(pattern, fullmatch=True)
            chars = TEXTS if pattern is None else WITHOUT_NUL
            return st.text(chars, min_size=least or 0, max_size=30 if most is None else most)
        case inspect.UnionType(types=types):
            return st.one_of([_of(each) for each in types])
        case inspect.EnumType(cls=cls):
            return st.sampled_from(cls)
        case inspect.VarTupleType(item_type=item, min_length=least):
            return st.lists(_of(item), min_size=least or 0, max_size=4).map(tuple)
        case (
            inspect.CollectionType(item_type=item, min_length=least)
            | inspect.ListType(item_type=item, min_length=least)
        ):
            return st.lists(_of(item), min_size=least or 0, max_size=4)
        case inspect.DictType(key_type=key, value_type=value):
            return st.dictionaries(_of(key), _of(value), max_size=4)
        case inspect.CustomType(cls=cls) if cls in (UserName, RoomName):
            return _name(cls)
        case inspect.StructType(cls=cls, fields=fields):
            # Fields with a default may be left out.
            needed = {field.name: _of(field.type) for field in fields if field.required}
            others = {field.name: _of(field.type) for field in fields if not field.required}
            return st.fixed_dictionaries(needed, optional=others).map(lambda given: cls(**given))
    raise NotImplementedError(kind)


def instances(kind: type[T]) -> st.SearchStrategy[T]:
    """Instances of a struct or a type alias."""
    return _of(inspect.type_info(kind))


COMMANDS: st.SearchStrategy[Command] = st.one_of([instances(kind) for kind in get_args(AnyCommand)])
REPLIES: st.SearchStrategy[Reply] = st.one_of([instances(kind) for kind in get_args(AnyReply)])

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-INT64, INT64)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(TEXTS, max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(TEXTS, max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
"""Anything that can be written as JSON."""


def fields_of(message: Command | Reply) -> dict[str, Any]:
    """A message as the plain object that its frame holds."""
    found: dict[str, Any] = json.loads(json.dumps(msgspec.to_builtins(message, enc_hook=str)))
    return found
