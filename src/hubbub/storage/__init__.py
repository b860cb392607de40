"""The log on SQL: schema, group commit, reads, migrations."""
