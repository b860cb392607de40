"""`hubbub admin` to move rooms out of the server as files, and into it from other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import CycloptsError, Parameter

from hubbub.cli.admin.asking import HERE, Where
from hubbub.cli.admin.showing import counted, say, size, table, tell


def export(
    *rooms: Annotated[str, Parameter(help="The rooms.", show_default=False)],
    to: Annotated[
        Path, Parameter(help="A file, or a folder, that is not there yet.", metavar="FILE")
    ],
    all: Annotated[bool, Parameter(help="All rooms.", negative=(), show_default=False)] = False,
    private: Annotated[
        bool,
        Parameter(
            help="With --all, private rooms and direct conversations, too.",
            negative=(),
            show_default=False,
        ),
    ] = False,
    html: Annotated[
        bool,
        Parameter(
            help="As a folder of pages that a browser opens, instead of JSON Lines.",
            negative=(),
            show_default=False,
        ),
    ] = False,
    files: Annotated[
        bool,
        Parameter(
            name=["--files"],
            help="With the files of messages: in the folder, or in FILE.files beside the file.",
        ),
    ] = True,
    where: Where = HERE,
) -> None:
    """Write rooms to a file, as JSON Lines; or with --html to a folder, as pages."""
    if bool(rooms) is all:
        raise CycloptsError(msg="Which rooms? Name them, or say --all.")

    def shown(answer: Any) -> None:
        say(
            f"{answer['file']}: {counted(answer['rooms'], 'room')}, "
            f"{counted(answer['events'], 'event')}, {counted(answer['files'], 'file')}, "
            f"{size(answer['bytes'])}."
        )
        if answer["left_out"]:
            left_out = counted(answer["left_out"], "private room")
            say(f"Left out: {left_out}. --private takes them, too.")
        for note in answer["notes"]:
            say(note)

    names = None if all else list(rooms)
    tell(
        where,
        shown,
        "export",
        to=str(to.absolute()),
        rooms=names,
        private=private,
        html=html,
        files=files,
    )


def import_(
    file: Annotated[Path, Parameter(help="A file, a folder or a zip archive.")],
    /,
    *,
    format: Annotated[
        str | None,
        Parameter(
            name=["--from"],
            help="What it is of: slack, discord, campfire, weechat, irssi or hubbub; without it, "
            "as it looks.",
            metavar="FORMAT",
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        Parameter(help="Only tell what would be done.", negative=(), show_default=False),
    ] = False,
    person: Annotated[
        list[str] | None,
        Parameter(
            help="Somebody there is an account here; again for each.",
            metavar="THERE=HERE",
            consume_multiple=False,
            negative=(),
            show_default=False,
        ),
    ] = None,
    rename: Annotated[
        list[str] | None,
        Parameter(
            help="A room gets another name; again for each.",
            metavar="THERE=HERE",
            consume_multiple=False,
            negative=(),
            show_default=False,
        ),
    ] = None,
    into: Annotated[
        list[str] | None,
        Parameter(
            help="The texts of a room go into one that is here; again for each.",
            metavar="THERE=HERE",
            consume_multiple=False,
            negative=(),
            show_default=False,
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        Parameter(
            help="Only this room; again for each.",
            metavar="ROOM",
            consume_multiple=False,
            negative=(),
            show_default=False,
        ),
    ] = None,
    private: Annotated[
        bool,
        Parameter(
            help="Private rooms and direct conversations, too.", negative=(), show_default=False
        ),
    ] = False,
    accounts: Annotated[
        bool | None,
        Parameter(
            help="Whether people get accounts; without it, as is usual for the format.",
            show_default=False,
        ),
    ] = None,
    links: Annotated[
        bool,
        Parameter(
            help="Make links by which people claim their accounts.",
            negative=(),
            show_default=False,
        ),
    ] = False,
    zone: Annotated[
        str,
        Parameter(
            help="Where a log of IRC was written, as Europe/Berlin.",
            metavar="ZONE",
            show_default=False,
        ),
    ] = "UTC",
    where: Where = HERE,
) -> None:
    """Take rooms from a file, of this or another program. Twice, nothing is there twice."""
    tell(
        where,
        _imported,
        "import",
        file=str(file.absolute()),
        format=format,
        dry=dry_run,
        people=_pairs(person),
        names=_pairs(rename),
        into=_pairs(into),
        only=only,
        private=private,
        accounts=accounts,
        links=links,
        zone=zone,
    )


def _pairs(given: list[str] | None) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for one in given or ():
        there, sign, here = one.partition("=")
        if not (sign and there and here):
            raise CycloptsError(msg=f"{one} is not written as THERE=HERE.")
        pairs[there] = here
    return pairs


def _imported(answer: Any) -> None:
    table(
        ("THERE", "HERE", "WHAT", "EVENTS", "NEW", "NOTE"),
        (
            (
                one["source"],
                one["name"],
                one["outcome"],
                f"{one['events']:,}",
                f"{one['added']:,}",
                one["why"],
            )
            for one in answer["rooms"]
        ),
        none="There is no room in it.",
    )
    new = [one for one in answer["people"] if one["new"]]
    for one in new:
        claim = f"  {one['link']}" if one["link"] else ""
        say(f"{one['source']} is {one['name']} here{claim}")
    for reason, count in answer["skipped"].items():
        say(f"{count:,} left out: {reason}")
    for note in answer["notes"]:
        say(note)
    added = answer["added"]
    done = "would be" if answer["dry"] else "was" if added == 1 else "were"
    say(f"{counted(added, 'event')} {done} added; here already: {answer['again']:,}.")
    if answer["files"]:
        say(f"Files of messages: {answer['files']:,}.")
    if new and not any(one["link"] for one in new):
        say("Who is new has no password yet: --links, or hubbub admin reset NAME")
