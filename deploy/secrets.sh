#!/bin/sh
# Makes deploy/.env for compose.cluster.yaml: passwords that nobody else has. One
# that is there is left alone; losing it means losing the way into the database.
set -eu
cd "$(dirname "$0")"
if [ -e .env ]; then
	echo "deploy/.env is there already and stays as it is." >&2
	exit 0
fi
umask 077
word() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
cat >.env.new <<END
# Where people reach Parley; Caddy gets a certificate for it.
PARLEY_DOMAIN=localhost
DB_PASSWORD=$(word)
REDIS_PASSWORD=$(word)
# The identity of the Kafka cluster, 22 characters of base64url.
KAFKA_CLUSTER_ID=P$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n' | cut -c1-20)A
END
mv .env.new .env
echo "deploy/.env has new passwords. Keep it, and show it to nobody." >&2
