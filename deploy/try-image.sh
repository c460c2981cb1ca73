#!/bin/sh
# Builds the image without an engine or a daemon, and runs it as it is meant to be run: a root that
# is only read, no capability, its own user. Indexes corpus/, checks the index, serves it and asks.
#
#   deploy/try-image.sh            # as root; needs buildah, curl, unshare and pkill
#   BUILD="-v /etc/ssl/certs:/etc/ssl/certs:ro" deploy/try-image.sh    # more for `buildah bud`
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
home=$(mktemp -d)
port=${PORT:-18000}
container= server=
finish() {
    # unshare itself heeds no signal while its child runs
    [ -z "$server" ] || { pkill -TERM -P "$server" && wait "$server"; } || true
    [ -z "$container" ] || { buildah umount "$container" && buildah rm "$container"; } >/dev/null
    rm -rf "$home"
}
trap finish EXIT

# shellcheck disable=SC2086
buildah bud --layers --format docker --isolation chroot ${BUILD:-} --tag kido --file "$here/deploy/Containerfile" "$here"
container=$(buildah from kido)
root=$(buildah mount "$container")
mkdir "$home/index" && chmod 755 "$home" && chown 10001:10001 "$home/index"

# What it is called in becomes the command: a subshell, a part of a pipe, a job.
inside() {
    exec unshare --mount --pid --fork --kill-child sh -ec '
        root=$1 reports=$2 index=$3; shift 3
        mount --make-rprivate / && mount --bind "$root" "$root" && mount -t proc proc "$root/proc"
        mount -t tmpfs tmpfs "$root/dev"
        for device in null zero random urandom; do
            touch "$root/dev/$device" && mount --bind "/dev/$device" "$root/dev/$device"
        done
        mkdir "$root/dev/shm" && mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
        mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
        mount --bind "$reports" "$root/reports" && mount -o remount,ro,bind "$root/reports"
        mount --bind "$index" "$root/index" && mount -o remount,ro,bind "$root"
        exec env -i PATH=/opt/kido/bin:/usr/local/bin:/usr/sbin:/usr/bin:/bin PYTHONDONTWRITEBYTECODE=1 \
            KIDO_CORPUS=/reports KIDO_INDEX=/index KIDO_LOG=json KIDO_WEB=/opt/kido/web \
            chroot "$root" setpriv --reuid 10001 --regid 10001 --clear-groups --no-new-privs \
            --inh-caps=-all --ambient-caps=-all --bounding-set=-all \
            sh -c "cd /index && exec \"\$@\"" - "$@"
    ' - "$root" "$here/corpus" "$home/index" "$@"
}

buildah images kido
(inside kb ingest) >"$home/said"
tail -1 "$home/said"
(inside kb check)
inside kb serve --follow --host 0.0.0.0 --port "$port" 2>"$home/log" &
server=$!
curl --silent --fail --retry 60 --retry-delay 1 --retry-all-errors "http://127.0.0.1:$port/healthz"
echo
curl --silent --fail --json '{"question": "DS431のパネル報告書はいつ加盟国に回付されたか"}' \
    "http://127.0.0.1:$port/api/v1/ask" >"$home/said"
cut -c1-200 "$home/said"
