#!/bin/sh
# Proves that a running server can be spoken to with public Protobuf tooling: compares the test vectors, publishes,
# reads back what was published, calls services, and checks the answers to hostile frames. Fails on any difference. With ws://HOST all of it goes over WebSocket,
# whose own rules are broken too.
#   protocol/src/test/node/check.sh HOST PORT
set -eu

if [ $# -ne 2 ]; then
    echo "usage: check.sh HOST PORT" >&2
    exit 2
fi
host=$1
port=$2
cd "$(dirname "$0")"

npm ci --no-audit --no-fund --silent
node client.mjs vectors ../../../vectors

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
channel="node-check-$$-$(date +%s)"

# 600 lines are more than max_in_flight: the window has to move. The second publisher continues the channel.
i=0
while [ $i -lt 600 ]; do
    i=$((i + 1))
    printf 'line %s: ручей, 小川, été 🌊\n' $i
done > "$work/first"
printf '%s\n' 'a second publisher' '' 'and the end' > "$work/second"
cat "$work/first" "$work/second" > "$work/expected"

xargs -d '\n' node client.mjs publish "$host" "$port" "$channel" < "$work/first"
xargs -d '\n' node client.mjs publish "$host" "$port" "$channel" < "$work/second"
node client.mjs read "$host" "$port" "$channel" 603 > "$work/read"
diff "$work/expected" "$work/read"
node client.mjs services "$host" "$port" "$channel-services"
node client.mjs hostile "$host" "$port" ../../../vectors
case $host in
    ws://*) node client.mjs hostile-websocket "$host:$port/freshet" ;;
esac
echo "node check: 603 messages published and read back from $host:$port" >&2
