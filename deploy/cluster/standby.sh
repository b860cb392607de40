#!/usr/bin/env bash
# The standby: a copy of the primary, made at its first start, which then follows.
set -euo pipefail
export PGDATA=${PGDATA:-/var/lib/postgresql/data}
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    pg_basebackup --pgdata "$PGDATA" --write-recovery-conf --slot standby --checkpoint fast \
        --dbname "host=postgres-a user=hubbub application_name=standby"
    # Once it is promoted it waits for nobody, until it has a standby of its own.
    echo "synchronous_standby_names = ''" >>"$PGDATA/postgresql.auto.conf"
    chmod 0700 "$PGDATA"
fi
exec postgres
