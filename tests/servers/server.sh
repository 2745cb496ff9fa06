# What the server scripts share; sourced, not run.
#
# A script sets NAME, PORT (the default) and HEALTH (a path that answers 200 when the server is up), defines
# setup() and launch() - the latter ends in `exec SERVER ...` - and then calls `main "$@"`:
#
#   X.sh setup WORK          install what the server needs under WORK
#   X.sh start WORK [PORT]   start it on 127.0.0.1:PORT, return when it answers, print its base URL
#   X.sh stop  WORK          stop it
#
# WORK is any folder; it holds everything: WORK/venv-NAME, WORK/model, WORK/run/NAME.{pid,log}.
set -eu
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
: "${PYTHON:=python3}"

venv() {    # venv PACKAGE... : make WORK/venv-NAME, once
    local dir=$WORK/venv-$NAME
    [ -e "$dir/.done" ] && return 0
    "$PYTHON" -m venv --clear "$dir"
    "$dir/bin/pip" install --quiet --disable-pip-version-check "$@"
    touch "$dir/.done"
}

model() {   # unpack the tiny trained model into WORK/model, once for all servers
    [ -e "$WORK/model/.done" ] && return 0
    mkdir -p "$WORK/model"
    tar xzf "$here/tiny-model.tgz" -C "$WORK/model"
    touch "$WORK/model/.done"
}

answers() {
    "$WORK/venv-$NAME/bin/python" - "http://127.0.0.1:$PORT$HEALTH" <<'Y' 2>/dev/null
import sys, urllib.request
urllib.request.build_opener(urllib.request.ProxyHandler({})).open(sys.argv[1], timeout=5)
Y
}

alive() { [ -e "$pid_file" ] && kill -0 "$(cat "$pid_file")" 2>/dev/null; }

start() {
    alive && { echo "$NAME runs already" >&2; exit 1; }
    setup
    set -m  # the server leads a process group of its own, by which it is stopped
    (cd "$WORK" && launch) >"$log" 2>&1 </dev/null &
    echo $! >"$pid_file"
    set +m
    for _ in $(seq "${WAIT:-180}"); do
        answers && { echo "http://127.0.0.1:$PORT/v1"; exit 0; }
        alive || break
        sleep 0.5
    done
    echo "$NAME did not start; the end of $log:" >&2
    tail -20 "$log" >&2
    stop
    exit 1
}

stop() {
    if alive; then
        local group; group=$(cat "$pid_file")
        kill -TERM -- "-$group" 2>/dev/null || true
        for _ in $(seq 20); do alive || break; sleep 0.25; done
        alive && kill -KILL -- "-$group" 2>/dev/null || true
    fi
    rm -f "$pid_file"
}

main() {
    [ $# -ge 2 ] || { echo "usage: $0 setup|start|stop WORK [PORT]" >&2; exit 2; }
    mkdir -p "$2/run"
    WORK=$(cd "$2" && pwd)
    PORT=${3:-$PORT}
    pid_file=$WORK/run/$NAME.pid
    log=$WORK/run/$NAME.log
    case $1 in
    setup | start | stop) "$1" ;;
    *) echo "$0: setup, start or stop, not $1" >&2; exit 2 ;;
    esac
}
