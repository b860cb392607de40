#!/usr/bin/env bash
# What a new primary is told once: who may copy it, and that a commit waits for the standby.
set -euo pipefail
echo "host replication hubbub all scram-sha-256" >>"$PGDATA/pg_hba.conf"
psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --set ON_ERROR_STOP=1 <<'SQL'
SELECT pg_create_physical_replication_slot('standby');
ALTER SYSTEM SET synchronous_commit = 'on';
ALTER SYSTEM SET synchronous_standby_names = 'FIRST 1 (standby)';
SQL
