"""The log on PostgreSQL, which several servers share. Imported only with the setting ``database``.

What differs from SQLite is here: connecting, locking, and how groups are written. The statements
that are the same, and what a group means, are those of `hubbub.storage`.
"""
