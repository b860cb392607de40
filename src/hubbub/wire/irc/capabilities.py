"""The capabilities that a client may ask for (https://ircv3.net/specs/extensions/capability-negotiation).

A row for each. A set of them is a number (`Cap`); those in `SHAPES` change how events are written,
so that all clients with the same ones of these share their bytes.
"""

from __future__ import annotations

from enum import IntFlag, auto

from msgspec import Struct

from hubbub.domain.labels import MAX_LABELS, MAX_VALUE_BYTES


class Cap(IntFlag):
    """A set of capabilities."""

    ACCOUNT_NOTIFY = auto()
    ACCOUNT_TAG = auto()
    AWAY_NOTIFY = auto()
    BATCH = auto()
    CAP_NOTIFY = auto()
    CHGHOST = auto()
    ECHO_MESSAGE = auto()
    EXTENDED_JOIN = auto()
    EXTENDED_MONITOR = auto()
    INVITE_NOTIFY = auto()
    LABELED_RESPONSE = auto()
    MESSAGE_TAGS = auto()
    MULTI_PREFIX = auto()
    NO_IMPLICIT_NAMES = auto()
    SASL = auto()
    SERVER_TIME = auto()
    SETNAME = auto()
    STANDARD_REPLIES = auto()
    STS = auto()
    USERHOST_IN_NAMES = auto()
    ACCOUNT_REGISTRATION = auto()
    CHANNEL_RENAME = auto()
    CHATHISTORY = auto()
    EVENT_PLAYBACK = auto()
    EXTENDED_ISUPPORT = auto()
    MESSAGE_REDACTION = auto()
    MULTILINE = auto()
    PRE_AWAY = auto()
    READ_MARKER = auto()
    METADATA = auto()
    VERSION_302 = auto()
    """Not a capability: that values are told, and cap-notify is implied."""


class Row(Struct, frozen=True):
    """``value``: what is told with the name from CAP 302 on. ``also``: what it brings along.

    ``policy``: it cannot be asked for, and says nothing without its value.
    """

    name: str
    value: str = ""
    policy: bool = False
    also: Cap = Cap(0)


NONE = Cap(0)

MAX_KEYS = 50  # of labels that a client is told of, if it asks for it
METADATA = (
    f"before-connect,max-subs={MAX_KEYS},max-keys={MAX_LABELS},max-value-bytes={MAX_VALUE_BYTES}"
)

TABLE: dict[Cap, Row] = {
    Cap.ACCOUNT_NOTIFY: Row("account-notify"),
    Cap.ACCOUNT_TAG: Row("account-tag"),
    Cap.AWAY_NOTIFY: Row("away-notify"),
    Cap.BATCH: Row("batch"),
    Cap.CAP_NOTIFY: Row("cap-notify"),
    Cap.CHGHOST: Row("chghost"),
    Cap.ECHO_MESSAGE: Row("echo-message"),
    Cap.EXTENDED_JOIN: Row("extended-join"),
    Cap.EXTENDED_MONITOR: Row("extended-monitor"),
    Cap.INVITE_NOTIFY: Row("invite-notify"),
    Cap.LABELED_RESPONSE: Row("labeled-response"),
    Cap.MESSAGE_TAGS: Row("message-tags"),
    Cap.MESSAGE_REDACTION: Row("draft/message-redaction"),
    Cap.METADATA: Row("draft/metadata-3", METADATA),
    Cap.MULTI_PREFIX: Row("multi-prefix"),
    Cap.MULTILINE: Row("draft/multiline", "max-bytes=4096,max-lines=32"),
    Cap.NO_IMPLICIT_NAMES: Row("no-implicit-names"),
    Cap.SASL: Row("sasl"),
    Cap.SERVER_TIME: Row("server-time"),
    Cap.SETNAME: Row("setname"),
    Cap.STANDARD_REPLIES: Row("standard-replies"),
    Cap.STS: Row("sts", policy=True),
    Cap.USERHOST_IN_NAMES: Row("userhost-in-names"),
    Cap.CHANNEL_RENAME: Row("draft/channel-rename"),
    Cap.ACCOUNT_REGISTRATION: Row("draft/account-registration", "before-connect"),
    Cap.CHATHISTORY: Row("draft/chathistory"),
    Cap.EVENT_PLAYBACK: Row("draft/event-playback"),
    Cap.EXTENDED_ISUPPORT: Row("draft/extended-isupport"),
    Cap.PRE_AWAY: Row("draft/pre-away"),
    Cap.READ_MARKER: Row("draft/read-marker"),
}
"""In the order in which they are listed."""

BY_NAME = {row.name: cap for cap, row in TABLE.items()}

SHAPES = (
    Cap.ACCOUNT_TAG
    | Cap.BATCH
    | Cap.EXTENDED_JOIN
    | Cap.MESSAGE_TAGS
    | Cap.SERVER_TIME
    | Cap.MESSAGE_REDACTION
    | Cap.MULTILINE
    | Cap.AWAY_NOTIFY
    | Cap.ACCOUNT_NOTIFY
    | Cap.SETNAME
    | Cap.CHGHOST
    | Cap.INVITE_NOTIFY
    | Cap.METADATA
)
"""What changes the bytes of an event that is told to many."""

TAGGED = Cap.MESSAGE_TAGS | Cap.SERVER_TIME | Cap.ACCOUNT_TAG | Cap.BATCH | Cap.LABELED_RESPONSE


def names_of(caps: Cap) -> list[str]:
    """The names of those in the set."""
    return [row.name for cap, row in TABLE.items() if cap in caps]
