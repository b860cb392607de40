"""What the server says of us: whether we have an account, and the tokens of our names."""

from __future__ import annotations

from collections.abc import Callable

from hubbub.client.requests import Requests
from hubbub.domain.names import UserName
from hubbub.domain.replies import Welcome
from hubbub.domain.rules import Profile, Role


class Login:
    """Whether we have an account, what we are on the whole server, and what we say of ourselves.

    ``tokens``: of each name that we have had, by its key. A name's token logs in to it again.
    """

    def __init__(self, requests: Requests, *, exists: bool = False) -> None:
        self.exists = exists
        self.role = Role.MEMBER
        self.profile = Profile()
        self._requests = requests
        self._tokens: dict[str, str] = {}

    @property
    def registering(self) -> str | None:
        """The password of the account that we are making; None if we are making none."""
        return self._requests.registering

    def token(self, user: UserName) -> str | None:
        """What proves to the server that we are ``user``."""
        return self._tokens.get(user.key)

    def keep(self, user: UserName, token: str) -> None:
        """Keeps the token of a name."""
        self._tokens[user.key] = token

    def welcomed(self, welcome: Welcome) -> None:
        """Takes what the server says of us."""
        self.exists, self.role = welcome.account, welcome.role
        self.profile = welcome.profile or Profile()
        if welcome.token is not None:
            self.keep(UserName.recall(welcome.user), welcome.token)
        if welcome.account:
            self._requests.registered(welcome)

    def renamed(self, was: UserName, now: UserName) -> None:
        """Our account is called ``now``; the token of its device stays."""
        token = self._tokens.pop(was.key, None)
        if token is not None:
            self._tokens[now.key] = token

    def forget(self, user: UserName) -> None:
        """The token of that name is worth nothing any more."""
        self._tokens.pop(user.key, None)


Rename = Callable[[UserName], None]
"""Uses another name from now on."""
