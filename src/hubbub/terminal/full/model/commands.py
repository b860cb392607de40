"""The commands that this client has."""

from __future__ import annotations

from hubbub.domain.orders import Vocabulary
from hubbub.domain.slashes import Client

VOCABULARY = Vocabulary(Client.FULL)

THEMES = VOCABULARY.rows["theme"].choices_in(Client.FULL)
