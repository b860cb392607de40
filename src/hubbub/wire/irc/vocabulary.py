"""All that clients of IRC may say and are told: what `IrcWire` is given."""

from __future__ import annotations

from hubbub.wire.irc.commands import COMMANDS
from hubbub.wire.irc.commands.connecting import cut_off
from hubbub.wire.irc.conversation import Vocabulary
from hubbub.wire.irc.subscribed import of_event
from hubbub.wire.irc.told import TOLD

VOCABULARY = Vocabulary(COMMANDS, TOLD, of_event, cut_off)
