"""IRC (RFC 1459 and 2812 as https://modern.ircdocs.horse has them, and IRCv3), without I/O.

Lines come in and commands of the hub go out; replies and events come in and lines go out.
"""

from hubbub.wire.irc.format import IrcFormat
from hubbub.wire.irc.host import Host
from hubbub.wire.irc.servicenames import SERVICES
from hubbub.wire.irc.wire import IrcWire

__all__ = ["SERVICES", "Host", "IrcFormat", "IrcWire"]
