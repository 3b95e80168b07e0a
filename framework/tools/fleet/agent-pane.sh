#!/bin/sh
# The body of an agent's pane: runs the runtime as its child and records how it ended.
#
#   agent-pane.sh --pane DIR   what tmux starts
#   agent-pane.sh --exec DIR   becomes the runtime, inside its systemd scope
#
# The agent's own variables are set only in the process that becomes the runtime: an `env: { dir: … }` of the roster
# must not reach the variables of this shell.
# shellcheck disable=SC2154 # launch.sh sets: name workdir env_file slice … (src/domain/launch.ts)
set -u

# KEY=VALUE lines, the same rules as src/domain/env-file.ts; a test holds the two equal. Its own variables are named so
# that a file cannot set them (MOSAIC_ and mosaic_ are refused).
load_env_file() {
  [ -r "$mosaic_file" ] || mosaic_fail "cannot read envFile $mosaic_file"
  mosaic_cr=$(printf '\r')
  while IFS= read -r mosaic_line || [ -n "$mosaic_line" ]; do
    mosaic_line=${mosaic_line%"$mosaic_cr"}
    while :; do case $mosaic_line in ' '* | '	'*) mosaic_line=${mosaic_line#?} ;; *) break ;; esac; done
    case $mosaic_line in '' | '#'* | ';'*) continue ;; esac
    case $mosaic_line in 'export '*) mosaic_line=${mosaic_line#export } ;; esac
    mosaic_key=${mosaic_line%%=*}
    case $mosaic_line in *=*) ;; *) mosaic_fail "$mosaic_file: a line without =" ;; esac
    case $mosaic_key in
      '' | [0-9]* | *[!A-Za-z0-9_]*) mosaic_fail "$mosaic_file: not a variable name before =" ;;
      MOSAIC_* | mosaic_*) mosaic_fail "$mosaic_file: $mosaic_key is a name of mosaic's own" ;;
    esac
    mosaic_value=${mosaic_line#*=}
    case $mosaic_value in
      \"*\") [ "$mosaic_value" = '"' ] || { mosaic_value=${mosaic_value#\"}; mosaic_value=${mosaic_value%\"}; } ;;
      \'*\') [ "$mosaic_value" = "'" ] || { mosaic_value=${mosaic_value#\'}; mosaic_value=${mosaic_value%\'}; } ;;
    esac
    export "$mosaic_key=$mosaic_value"
  done <"$mosaic_file"
}

# What the tmux server and systemd left in our environment is none of the agent's business.
clean_env() {
  unset MOSAIC_SUPERVISOR MOSAIC_STATE MOSAIC_LOCK_FD
  unset NOTIFY_SOCKET INVOCATION_ID JOURNAL_STREAM SYSTEMD_EXEC_PID MANAGERPID
  unset BUN_OPTIONS BUN_BE_BUN BUN_INSPECT BUN_INSPECT_CONNECT_TO BUN_INSPECT_NOTIFY NODE_OPTIONS
}

mosaic_fail() { printf 'mosaic: %s: %s\n' "$MOSAIC_AGENT" "$*" >&2; exit 78; }

# In a process of its own. After launch_env any other name may be the agent's.
become_runtime() {
  cd "$workdir" || exit 78
  mosaic_file=$env_file mosaic_hint=$install_hint
  launch_env
  [ -z "$mosaic_file" ] || load_env_file
  if ! command -v "$1" >/dev/null 2>&1; then
    printf 'mosaic: %s: %s is not installed, or not on PATH=%s\n' "$MOSAIC_AGENT" "$1" "$PATH" >&2
    [ -z "$mosaic_hint" ] || printf '  hint: %s\n' "$mosaic_hint" >&2
    exit 78
  fi
  # Tells the other side that it is time to look for the runtime, and lets go of the pipe.
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
  supervisor=${MOSAIC_SUPERVISOR:-builtin}
  clean_env
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
    (become_runtime "$@")
  fi
  record_end $?
}

mode=$1 dir=$2
# Sets the variables, defines launch_env, and makes the runtime's argv our positional parameters.
# shellcheck source=/dev/null
. "$dir/launch.sh"
if [ "$mode" = --exec ]; then become_runtime "$@"; fi
pane "$@"
