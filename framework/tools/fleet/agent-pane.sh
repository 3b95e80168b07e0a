#!/bin/sh
# The body of an agent's pane: runs the runtime as its child and records how it ended.
#
#   agent-pane.sh --pane DIR   what tmux starts
#   agent-pane.sh --exec DIR   becomes the runtime, inside its systemd scope
#
# shellcheck disable=SC2154 # launch.sh sets: name workdir env_file slice … (src/domain/launch.ts)
set -u

# How long the scope's processes may take to end after SIGTERM before they are killed.
stop_seconds=5

fail() { code=$1; shift; printf 'mosaic: %s: %s\n' "$name" "$*" >&2; exit "$code"; }

# KEY=VALUE lines, the same rules as src/domain/env-file.ts; a test holds the two equal.
load_env_file() {
  [ -r "$env_file" ] || fail 78 "cannot read envFile $env_file"
  carriage_return=$(printf '\r')
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line%"$carriage_return"}
    while :; do case $line in ' '* | '	'*) line=${line#?} ;; *) break ;; esac; done
    case $line in '' | '#'* | ';'*) continue ;; esac
    case $line in 'export '*) line=${line#export } ;; esac
    key=${line%%=*}
    case $line in *=*) ;; *) fail 78 "$env_file: a line without =" ;; esac
    case $key in '' | [0-9]* | *[!A-Za-z0-9_]*) fail 78 "$env_file: not a variable name before =" ;; esac
    value=${line#*=}
    case $value in
      \"*\") [ "$value" = '"' ] || { value=${value#\"}; value=${value%\"}; } ;;
      \'*\') [ "$value" = "'" ] || { value=${value#\'}; value=${value%\'}; } ;;
    esac
    export "$key=$value"
  done <"$env_file"
}

# What the tmux server and systemd left in our environment is none of the agent's business.
clean_env() {
  unset MOSAIC_SUPERVISOR MOSAIC_BIN NOTIFY_SOCKET INVOCATION_ID JOURNAL_STREAM SYSTEMD_EXEC_PID MANAGERPID
  unset BUN_OPTIONS BUN_BE_BUN BUN_INSPECT BUN_INSPECT_CONNECT_TO BUN_INSPECT_NOTIFY NODE_OPTIONS
}

# Tells the other side that it is time to look for the runtime, and lets go of the pipe.
start_runtime() {
  echo run >&5
  exec "$@" 5>&-
}

record_end() {
  # The reader may be gone (a supervisor that was killed); the file says it all the same.
  trap '' PIPE
  printf 'status=%s\ninstance=%s\n' "$1" "$MOSAIC_INSTANCE" >"$dir/exit.new" && mv "$dir/exit.new" "$dir/exit"
  exit "$1"
}

pane() {
  # Open for writing as long as this shell lives: its end is how the other side learns of our death.
  exec 5>"$dir/life"
  echo up >&5
  supervisor=${MOSAIC_SUPERVISOR:-builtin}
  clean_env
  launch_env
  if [ -n "$env_file" ]; then
    (load_env_file) || record_end 78
    load_env_file
  fi
  cd "$workdir" || record_end 78
  if ! command -v "$1" >/dev/null 2>&1; then
    printf 'mosaic: %s: %s is not installed, or not on PATH=%s\n' "$name" "$1" "$PATH" >&2
    [ -z "$install_hint" ] || printf '  hint: %s\n' "$install_hint" >&2
    record_end 78
  fi
  # Ctrl-C is the runtime's; this shell only must not die of it. (An empty trap would be inherited.)
  trap : INT QUIT
  if [ "$supervisor" = systemd ]; then
    # The runtime becomes the child of this shell, moved into a cgroup of its own. Its argv does not pass
    # through systemd-run, which may expand ${…} in it (systemd 254 and later).
    systemd-run --user --scope --quiet --collect --slice="$slice" --unit="$scope_prefix$MOSAIC_INSTANCE.scope" \
      --description="Mosaic agent $name" -p SendSIGHUP=yes -p "TimeoutStopSec=${stop_seconds}s" \
      ${memory_max:+-p "MemoryMax=$memory_max"} ${cpu_quota:+-p "CPUQuota=$cpu_quota"} \
      ${tasks_max:+-p "TasksMax=$tasks_max"} -- sh "$0" --exec "$dir"
  else
    (start_runtime "$@")
  fi
  record_end $?
}

mode=$1 dir=$2
# Sets the variables, defines launch_env, and makes the runtime's argv our positional parameters.
# shellcheck source=/dev/null
. "$dir/launch.sh"
if [ "$mode" = --exec ]; then start_runtime "$@"; fi
pane "$@"
