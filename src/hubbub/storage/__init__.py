"""The log on SQL: schema, group commit, reads, migrations; and one in memory, for tests."""
