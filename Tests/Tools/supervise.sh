# shellcheck shell=bash
# supervise COMMAND…: runs COMMAND and returns its exit code. To be sourced.
#
# When INT, TERM or HUP arrives, COMMAND is interrupted, and killed if it is still there ten seconds later; then the
# script exits with 128 + the signal's number. The script's EXIT trap therefore cleans up soon: bash alone would run it
# only after COMMAND has ended by itself.

signal='' child=''

# Sends a signal to COMMAND and the processes it shares its group with.
send() {
    kill -s "$1" -- "-$child" 2>/dev/null || kill -s "$1" "$child" 2>/dev/null || true
}

interrupt() {
    signal=$1
    # INT whatever came: `swift test` ends its test process on INT, and leaves it behind on TERM.
    send INT
}

supervise() {
    local status=0 name
    for name in INT TERM HUP; do
        # shellcheck disable=SC2064  # the name is meant to be filled in now
        trap "interrupt $name" "$name"
    done
    # A session of its own keeps away the signals sent to the script's whole group (Ctrl-C, timeout): they come through
    # `interrupt` only. Bash starts background commands with INT and QUIT ignored, and what they start inherits that.
    env --default-signal=INT,QUIT setsid -- "$@" <&0 &
    child=$!
    wait "$child" || status=$?
    [ -n "$signal" ] || return "$status"

    for _ in {1..100}; do
        kill -0 "$child" 2>/dev/null || break
        sleep 0.1
    done
    send KILL
    exit $((128 + $(kill -l "$signal")))
}
