#!/usr/bin/env bash
# A database and a role per service; a role reaches its own database only.
set -euo pipefail
for service in admission enrolment assessment certification; do
  variable="${service^^}_DATABASE_PASSWORD"
  psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres --quiet \
    --set service="$service" --set password="${!variable:?}" <<'SQL'
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service";
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
done
