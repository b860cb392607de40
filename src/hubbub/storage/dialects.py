"""Conditions that each database has in words of its own, which SQLAlchemy chooses by its name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    LargeBinary,
    bindparam,
    cast,
    func,
    or_,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from hubbub.storage.schema import Worded, events

_FOLDED: BindParameter[str] = bindparam("folded")


class MayMention(Worded[bool]):
    """Whether a text may mention who is called ``:folded``, or has letters beyond ASCII."""

    inherit_cache = True


class NotAmong(Worded[bool]):
    """Whether an event's author is none of ``:without``, a list of numbers as JSON."""

    inherit_cache = True


class ReplyTo(Worded[int]):
    """The ``seq`` of what a message answers. To be asked for where it `IS_REPLY` only."""

    inherit_cache = True
    type = BigInteger()


REPLY = '{"reply_to":'
"""How ``extra`` begins of a message that answers another one: it is the first field of `Said`.

So no JSON is taken apart for an index, which fails as a whole where a row has none.
"""

IS_REPLY = text(f"substr(events.extra, 1, {len(REPLY)}) = '{REPLY}'")
"""Whether an event is such a message; as the index has it."""


@compiles(ReplyTo)
def _reply_to(_: ReplyTo, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(substr(events.extra, {len(REPLY) + 1}) AS INTEGER)"  # reads up to the last digit


@compiles(ReplyTo, "postgresql")
def _reply_to_there(_: ReplyTo, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(substring(substr(events.extra, {len(REPLY) + 1}), '^[0-9]{{1,18}}') AS bigint)"


@compiles(MayMention)
def _may_mention(_: MayMention, compiler: SQLCompiler, **options: Any) -> str:
    size = func.length(cast(events.c.text, LargeBinary))
    found = or_(
        events.c.text.icontains(_FOLDED, escape="/"), size > func.length(events.c.text)
    ).self_group()
    return compiler.process(found, **options)


@compiles(MayMention, "postgresql")
def _may_mention_there(_: MayMention, compiler: SQLCompiler, **options: Any) -> str:
    # By the collation "C" only letters of ASCII have a case, whatever the language of the database.
    found = or_(
        events.c.text.collate("C").icontains(_FOLDED, escape="/"),
        func.octet_length(events.c.text) > func.length(events.c.text),
    ).self_group()
    return compiler.process(found, **options)


@compiles(NotAmong)
def _not_among(_: NotAmong, compiler: SQLCompiler, **options: Any) -> str:
    listed = text("events.author NOT IN (SELECT value FROM json_each(:without))")
    return compiler.process(listed, **options)


@compiles(NotAmong, "postgresql")
def _not_among_there(_: NotAmong, compiler: SQLCompiler, **options: Any) -> str:
    listed = text(
        "events.author NOT IN (SELECT CAST(value AS bigint)"
        " FROM json_array_elements_text(CAST(:without AS json)))"
    )
    return compiler.process(listed, **options)
