"""The answer to who has a name now: who they are here, and what this server can do."""

from __future__ import annotations

from hubbub.domain.commands import MAX_HISTORY, Command
from hubbub.domain.replies import Limits, Welcome
from hubbub.domain.text import MAX_TEXT_LINES
from hubbub.hub.access import named
from hubbub.hub.services import Services
from hubbub.hub.session import Session

FEATURES = (
    "accounts",
    "delete",
    "direct",
    "history",
    "labels",
    "outside",
    "pages",
    "profiles",
    "read",
    "renames",
    "replies",
    "resume",
    "roles",
    "signals",
    "stamps",
    "timeline",
    "topic",
    "typing",
    "who",
)
SEARCH = "search"  # beside these, where there is one
FILES = "files"  # where they are taken
UNOWNED = "unowned"  # and as long as nobody owns the server: `Own` makes somebody its owner


def welcome(hub: Services, session: Session, command: Command, token: str | None) -> None:
    """Tells the session who it is; with ``token`` it can come back as the same."""
    settings, user = hub.settings, named(session)
    if user.comeback is not None:
        user.comeback.token_told = token is not None and not user.account
    session.outlet.reply(
        Welcome(
            re=command.id,
            user=user.name,
            user_id=user.id,
            account=user.account,
            role=hub.access.server_role(user),
            profile=hub.access.profile_of(user.id) if user.account else None,
            token=token,
            server=settings.server_name,
            log=hub.log.id,
            limits=Limits(
                text=settings.text_chars,
                line=settings.line_bytes,
                rate=settings.rate_limit,
                burst=settings.rate_burst,
                rooms=settings.rooms_per_session,
                history=MAX_HISTORY,
                lines=MAX_TEXT_LINES,
                edit=settings.edit_seconds,
            ),
            features=_features(hub),
        )
    )


def _features(hub: Services) -> tuple[str, ...]:
    searches = () if hub.search is None else (SEARCH,)
    unowned = () if hub.owner_code is None else (UNOWNED,)
    files = (FILES,) if hub.takes_files else ()
    return (*FEATURES, *files, *searches, *unowned)
