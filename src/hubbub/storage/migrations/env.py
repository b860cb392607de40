"""Tells Alembic where the database is: in the transaction that `hubbub.storage.upgrade` began."""

from alembic import context

from hubbub.storage.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite can, if sqlite3 is kept from interfering (see engine.py)
    render_as_batch=True,  # SQLite cannot alter most things of a table: it is made anew
)
with context.begin_transaction():
    context.run_migrations()
