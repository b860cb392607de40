"""A whole server's data, copied from one kind of database to the other: SQLite and PostgreSQL."""
