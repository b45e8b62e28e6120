#!/usr/bin/env bash
# Print the variables that docker-compose.yml requires, with fresh secrets: deploy/new-env.sh > .env
set -euo pipefail
secret() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
cat <<ENV
OIDC_ISSUER=${OIDC_ISSUER:-http://issuer:8000/development-issuer}
PASSERELLE_ENV=${PASSERELLE_ENV:-development}
PUBLIC_URL=${PUBLIC_URL:-http://localhost:8004}
SERVICE_CLIENT_SECRET=$(secret)
POSTGRES_PASSWORD=$(secret)
ADMISSION_DATABASE_PASSWORD=$(secret)
ENROLMENT_DATABASE_PASSWORD=$(secret)
ASSESSMENT_DATABASE_PASSWORD=$(secret)
CERTIFICATION_DATABASE_PASSWORD=$(secret)
ENV
