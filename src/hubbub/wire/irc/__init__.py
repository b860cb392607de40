"""IRC (RFC 1459 and 2812 as https://modern.ircdocs.horse has them, and IRCv3), without I/O.

Lines come in and commands of the hub go out; replies and events come in and lines go out. Nothing
is imported here: a server is to listen before it has read all of this.
"""
