#!/bin/sh
# One agent: its tmux session, from start to black box. Both supervisors run this same file:
#
#   start-agent-session.sh NAME          create (or adopt) the session, say ready, block while the pane lives
#   start-agent-session.sh --stop NAME   end the agent and every process below it
#
# The body of the pane is agent-pane.sh beside this file.
# Ending the first process by a signal only detaches: the agent lives on and the next start adopts it.
# Exit status: 0 clean stop · 1-63 crash · 75 busy, or the tmux server was lost · 78 configuration.
# Everything about the agent stands in DIR/launch.sh, which `mosaic agent render NAME` writes from the roster.
#
# Over 200 lines: start, end and stop share the notion of which processes are the agent's.
# shellcheck disable=SC2154 # launch.sh sets: socket workdir columns rows runtime channel … (src/domain/launch.ts)
set -u

launch_format=3
pane_script=${0%/*}/agent-pane.sh
home=${MOSAIC_HOME:-${XDG_CONFIG_HOME:-$HOME/.config}/mosaic}
state=${MOSAIC_STATE:-${XDG_STATE_HOME:-$HOME/.local/state}/mosaic}
instance='' pane_dead='' wrapper='' pane_id='' sleeper='' lock_token='' mode=run

say() { printf '%s: %s\n' "$name" "$*"; }
# The file is for `fleet start` and `agent why`: what a unit says is not theirs to read everywhere.
fail() {
  code=$1
  shift
  printf 'mosaic: %s: %s\n' "$name" "$*" >&2
  [ "$mode" != run ] || [ ! -d "$dir" ] || printf '%s\n' "$*" >"$dir/fault"
  exit "$code"
}
server() { tmux -u -N -L "$socket" "$@"; }
# Sets word: tmux takes a trailing ; of a word as the end of the command.
to_word() { case $1 in *';') word=${1%;}'\;' ;; *) word=$1 ;; esac; }

use_name() {
  name=$1
  case $name in
    '' | [!a-z]* | *[!a-z0-9-]*) printf 'mosaic: not an agent name: %s\n' "$name" >&2; exit 78 ;;
  esac
  dir=$state/agents/$name
}

is_current() {
  while read -r line; do [ "$line" != "launch_format=$launch_format" ] || return 0; done
  return 1
}

# A roster that is newer than the launch file is rendered. One that cannot be (somebody is editing it right now) must
# not keep a crashed agent down: the launch file of before still says how it was started.
load_launch() {
  roster=$home/fleet/roster.yaml
  usable=''
  [ ! -e "$dir/launch.sh" ] || ! is_current <"$dir/launch.sh" || usable=1
  # shellcheck disable=SC3013 # dash, bash and busybox sh all have -nt
  if [ -z "$usable" ] || [ "$roster" -nt "$dir/launch.sh" ]; then
    [ -n "${MOSAIC_BIN:-}" ] && "$MOSAIC_BIN" agent render "$name" 9>&- ||
      [ -n "$usable" ] || fail 78 "no launch file; run: mosaic fleet start $name"
  fi
  # shellcheck source=/dev/null
  . "$dir/launch.sh"
  stop_seconds=${MOSAIC_STOP_SECONDS:-$stop_seconds}
}

# ---- the processes of an agent --------------------------------------------------------------------------

# Without a cgroup: every process that carries the instance in its environment, and everything below such a process
# (one that scrubbed its environment; a double-forked child has another parent, but the mark). The wrapper carries it
# too and is left to record the end. Nothing is ever chosen by a pid that somebody remembered: it may be another's now.
agent_pids() {
  case $instance in '' | *[!0-9a-f]*) return 0 ;; esac
  {
    cat /proc/[0-9]*/stat 2>/dev/null | sed 's/^\([0-9]*\) (.*) [A-Za-z] \([0-9]*\) .*/tree \1 \2/'
    grep -lzsx "MOSAIC_INSTANCE=$instance" /proc/[0-9]*/environ 2>/dev/null | sed 's|/proc/\([0-9]*\)/.*|marked \1|'
  } | awk -v wrapper="$wrapper" -v self="$$" '
    $1 == "tree" { parent[$2] = $3 }
    $1 == "marked" && $2 + 0 > 1 { ours[$2] = 1 }
    END {
      # An agent may stop itself: what we run to look around carries its mark, and is not its.
      mine[self] = 1
      do {
        grown = 0
        for (pid in parent) {
          if (!(pid in mine) && parent[pid] in mine) { mine[pid] = 1; grown = 1 }
          if (!(pid in ours) && parent[pid] in ours) { ours[pid] = 1; grown = 1 }
        }
      } while (grown)
      for (pid in ours) if (pid != wrapper && !(pid in mine)) print pid
    }'
}

# Each look costs five processes, so a round of signals makes one.
signal_all() {
  for pid in $pids; do kill -s "$1" "$pid" 2>/dev/null; done
  return 0
}

any_left() {
  pids=$(agent_pids)
  [ -n "$pids" ]
}

end_processes() {
  if [ "${MOSAIC_SUPERVISOR:-builtin}" = systemd ]; then
    systemctl --user stop "$scope_prefix$instance.scope" 2>/dev/null
    return 0
  fi
  any_left || return 0
  signal_all TERM
  signal_all CONT
  sleep 0.05
  tries=$((stop_seconds * 5))
  while [ "$tries" -gt 0 ] && any_left; do
    tries=$((tries - 1))
    # Interactive shells ignore TERM and end at HUP.
    [ $((tries % 5)) -ne 0 ] || signal_all HUP
    sleep 0.2
  done
  tries=40
  while [ "$tries" -gt 0 ] && any_left; do
    signal_all KILL
    tries=$((tries - 1))
    sleep 0.05
  done
}

# Sets instance, pane_dead, wrapper and pane_id of our session; all empty when there is none. The agent's pane is the one
# that the session was made with, whatever a person split off since.
look() {
  instance='' pane_dead='' wrapper='' pane_id=''
  panes=$(server list-panes -s -t "=$name:" -F \
    '#{==:#{pane_id},#{@mosaic_pane}} #{@mosaic_agent} #{@mosaic_instance} #{pane_dead} #{pane_pid} #{pane_id} #{@mosaic_home}' \
    2>/dev/null) || return 0
  owner=''
  while read -r is_agents agent its_instance its_dead its_pid its_pane its_home; do
    [ "$agent" != "$name" ] || owner=$its_home
    [ "$is_agents" = 1 ] || continue
    instance=$its_instance pane_dead=$its_dead wrapper=$its_pid pane_id=$its_pane
  done <<END
$panes
END
  if [ "$owner" != "$home" ]; then
    instance='' pane_dead='' wrapper='' pane_id=''
    fail 78 "the session $name on socket $socket was not made by mosaic; rename the agent or end that session"
  fi
  # tmux goes on naming the pid of a dead pane, which may be another's by now.
  [ "$pane_dead" = 0 ] || wrapper=''
}

# ---- the end --------------------------------------------------------------------------------------------

number_of() { sed -n "s/^$1=\([0-9]*\)$/\1/p" "$2" 2>/dev/null; }

signal_name() {
  # dash's kill -l takes a status and gives the name without SIG.
  [ "$1" -le 128 ] || kill -l "$1" 2>/dev/null
}

# At logout and shutdown systemd ends every scope at once, before the units' own stop.
is_shutting_down() {
  [ "${MOSAIC_SUPERVISOR:-builtin}" = systemd ] && [ "$signal" = TERM ] &&
    [ "$(systemctl --user is-system-running 2>/dev/null)" = stopping ]
}

# Leaves the black box and prints nothing; sets code to our exit status.
close_box() {
  status='' target="=$name:.$pane_id"
  grep -qsx "instance=$instance" "$dir/exit" && status=$(number_of status "$dir/exit")
  # The instance too: it must be our session still.
  alive=$(server display-message -p -t "$target" "#{==:#{@mosaic_instance},$instance}" 2>/dev/null)
  [ "$alive" = 1 ] || alive=''
  if [ -z "$status" ] && [ -n "$alive" ]; then
    # The wrapper itself was killed: only tmux knows how. It learns of it a moment after us, and sometimes not before
    # another child of it ends, which run-shell brings about.
    tries=20
    while [ "$tries" -gt 0 ]; do
      seen=$(server display-message -p -t "$target" '#{pane_dead} #{pane_dead_status} #{pane_dead_signal}')
      [ "$seen" = "${seen%  }" ] && [ "${seen%% *}" = 1 ] && break
      tries=$((tries - 1))
      server run-shell true
      sleep 0.05
    done
    killed_by=${seen##* }
    status=${killed_by:+$((128 + killed_by))}
  fi
  signal=$(signal_name "${status:-0}")
  if [ -e "$dir/stopping" ] || is_shutting_down; then reason=stopped code=0
  elif [ -z "$alive" ]; then reason=lost code=75
  elif [ "$status" = 0 ]; then reason=clean code=0
  elif [ "$status" = 78 ]; then reason=config code=78
  elif [ -n "$status" ] && [ "$status" -le 63 ]; then reason=crash code=$status
  else reason=crash code=1
  fi
  now=$(date +%s)
  # The screen may hold secrets: 0600, like everything in this folder (umask 077).
  if [ -n "$alive" ] && server capture-pane -p -t "$target" >"$dir/last-screen.new" 2>/dev/null; then
    mv "$dir/last-screen.new" "$dir/last-screen.txt"
  fi
  printf '%s\n' "started_at=$started_at" "ended_at=$now" "status=$status" "signal=$signal" "reason=$reason" \
    "instance=$instance" >"$dir/black-box.new" && mv "$dir/black-box.new" "$dir/black-box"
  [ "$reason" != crash ] || echo "$now" >>"$dir/crashes"
  # Without the last two the next start knows that nothing of this one is left, which saves it looking.
  case $reason in stopped | clean) rm -f "$dir/crashes" "$dir/exit" "$dir/life" "$dir/instance" ;; esac
}

# Only the session of this very instance: the name may be a person's by now.
remove_session() {
  [ -n "$instance" ] || return 0
  server if-shell -F -t "=$name:" "#{==:#{@mosaic_instance},$instance}" "kill-session -t '=$name'" 2>/dev/null
  return 0
}

# ---- start ----------------------------------------------------------------------------------------------

# After crashes within the window: backoff, doubled with each one. A start by a person has removed the list.
backoff() {
  [ -s "$dir/crashes" ] || return 0
  now=$(date +%s)
  pause_ms=0
  while read -r at; do
    # A line cut by a full disk or a power cut says nothing.
    case $at in '' | *[!0-9]*) continue ;; esac
    [ "$((now - at))" -lt "$restart_window_s" ] || continue
    if [ "$pause_ms" -eq 0 ]; then pause_ms=$restart_backoff_ms; else pause_ms=$((pause_ms * 2)); fi
    [ "$pause_ms" -le "$restart_backoff_max_ms" ] || pause_ms=$restart_backoff_max_ms
  done <"$dir/crashes"
  [ "$pause_ms" -gt 0 ] || return 0
  say "backoff ${pause_ms} ms after a crash"
  [ -z "${NOTIFY_SOCKET:-}" ] || systemd-notify --status="waits ${pause_ms} ms after a crash"
  # Without the lock: a sleep that outlives us must not keep the next one out.
  sleep "$((pause_ms / 1000)).$(printf '%03d' $((pause_ms % 1000)))" 9>&- &
  sleeper=$!
  trap 'kill "$sleeper"; exit 0' TERM
  wait "$sleeper"
  trap - TERM
}

# Under systemd every start is under the agent's restart lock: that of the command which asked for it and waits, or one
# that this script holds until the agent is up, or it ends itself. Under the builtin supervisor that one holds it. The lock
# may be a person's for long: the unit's start must not time out.
take_lock() {
  [ "${MOSAIC_SUPERVISOR:-builtin}" = systemd ] && [ -n "${MOSAIC_BIN:-}" ] || return 0
  patience=0
  until lock_token=$("$MOSAIC_BIN" lock take "$name" --pid $$ --timeout "$patience" 9>&-); do
    # Whatever else is wrong with the lock, an agent that is down is worse.
    [ $? -eq 75 ] || { say "starts without its restart lock"; return 0; }
    systemd-notify EXTEND_TIMEOUT_USEC=180000000 --status="waits for its restart lock (mosaic lock status)" 9>&-
    patience=30s
  done
}

# Whoever takes the lock over marks it before it ends us; that is no stop, and the next start waits for its turn.
is_lock_ours() {
  grep -qs "\"token\":\"$lock_token\"" "$state/locks/$name.lock" &&
    ! grep -qs '"breaker":' "$state/locks/$name.lock"
}

# False when it was taken from us. A registry that is kept, or a full disk, is tried for a while; after that others take
# the lock when we have had it for too long.
drop_lock() {
  [ -n "$lock_token" ] || return 0
  tries=5
  until MOSAIC_LOCK_TOKEN=$lock_token "$MOSAIC_BIN" lock drop "$name" 9>&-; do
    is_lock_ours || return 1
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || break
    sleep 1
  done
  lock_token=''
}

# A unit start may overtake the server's by a moment, and kill-server returns before the server is gone.
# A server that has just come up answers before it has read its configuration, so one without a mark may be ours yet.
wait_for_server() {
  tries=100
  until owner=$(server show-options -gqv @mosaic_home 2>/dev/null) && [ -n "$owner" ]; do
    tries=$((tries - 1))
    if [ "$tries" -le 0 ]; then
      server has-session 2>/dev/null || fail 75 "no tmux server on socket $socket; run: mosaic fleet start"
      break
    fi
    sleep 0.1
  done
  [ "$owner" = "$home" ] || fail 78 "the tmux server on socket $socket is not ours; name another socket in the roster"
}

# tmux 3.3a sometimes does not notice that a child died at once, and leaves a zombie until the next one dies.
wrapper_lives() {
  state_letter=''
  read -r _ _ state_letter _ 2>/dev/null <"/proc/$wrapper/stat"
  case $state_letter in '' | Z | X) return 1 ;; esac
}

# Prints the session's start, wrapper and pane. One process (`server` would be a second) and one call: half of what a
# start costs is tmux clients. Reading a file whose name depends on whose server it is makes the call fail on a server
# that is not ours, before anything is made. The wrapper changes into the workdir, since tmux would expand a format in it.
new_session() {
  to_word "PATH=$PATH"
  path=$word
  to_word "$composer"
  empty_composer=$word
  to_word "$question"
  open_question=$word
  # For the hooks alone: a mosaic that the agent runs for another home has that home's state.
  to_word "MOSAIC_HOOK_STATE=$state"
  state_word=$word
  # What the agent's hooks call.
  to_word "MOSAIC_BIN=${MOSAIC_BIN:-}"
  bin_word=$word
  to_word "MOSAIC_HOME=$home"
  made=$(tmux -u -N -L "$socket" \
    source-file -F "#{?#{==:#{@mosaic_home},$home_format},/dev/null,/not/our/server}" \
    \; new-session -d -s "$name" -x "$columns" -y "$rows" -c / -e "$path" -e "$word" \
    -e "$state_word" -e "$bin_word" -e "MOSAIC_AGENT=$name" -e "MOSAIC_INSTANCE=$instance" -e "MOSAIC_SOCKET=$socket" \
    -e "MOSAIC_SUPERVISOR=${MOSAIC_SUPERVISOR:-builtin}" sh "$pane_script" --pane "$dir" \
    \; set-option -t "=$name:" @mosaic_agent "$name" \; set-option -t "=$name:" @mosaic_instance "$instance" \
    \; set-option -t "=$name:" @mosaic_runtime "$runtime" \; set-option -t "=$name:" @mosaic_channel "$channel" \
    \; set-option -t "=$name:" @mosaic_enter_delay_ms "$enter_delay_ms" \
    \; set-option -t "=$name:" @mosaic_second_enter "$second_enter" \
    \; set-option -t "=$name:" @mosaic_composer "$empty_composer" \
    \; set-option -t "=$name:" @mosaic_question "$open_question" \
    \; set-option -F -t "=$name:" @mosaic_pane '#{pane_id}' \
    \; set-option -w -t "=$name:" remain-on-exit on \
    \; display-message -p -t "=$name:" '#{session_created} #{pane_pid} #{pane_id}' 2>&1)
}

# Sets run: a number of ten digits, one more than that of the run before. It begins the instance, and so everything that
# the run reports tells whether another one came after it (src/domain/run-order.ts). The first one, and that of a file
# which a full disk or a power cut left empty, is the time: no run before it had a higher one, unless the clock was set.
next_run() {
  run=''
  read -r run 2>/dev/null <"$dir/run"
  case $run in [1-9]?????????) ;; *) run='' ;; esac
  case $run in '' | *[!0-9]*) run=$(date +%s) ;; esac
  run=$((run + 1))
  printf '%s\n' "$run" 2>/dev/null >"$dir/run"
}

create() {
  # A pipe that the supervisor made for us, or the last clean end left nothing: a used one is not used again.
  if [ -n "$known" ] || [ -e "$dir/exit" ]; then rm -f "$dir/life" "$dir/exit"; fi
  [ -p "$dir/life" ] || mkfifo -m 600 "$dir/life" || fail 75 "cannot make $dir/life"
  next_run
  IFS=- read -r a b c d e </proc/sys/kernel/random/uuid
  fresh=$run$a$b$c$d$e instance=$run$a$b$c$d$e
  exec 4<>"$dir/life"
  if ! new_session; then
    # No server yet, or the name is taken: by a person, then this ends here, or by a session that we forgot.
    wait_for_server
    look
    if [ -n "$instance" ]; then end_processes; remove_session; fi
    instance=$fresh
    new_session || fail 75 "tmux: $made"
  fi
  made=${made##*"
"}
  started_at=${made%% *} pane_id=${made##* } made=${made#* }
  wrapper=${made% *}
  printf '%s %s\n' "$instance" "$started_at" >"$dir/instance"
  # One line per start since a person's: how `status` counts restarts.
  printf '%s\n' "$started_at" >>"$dir/starts"
  # Until the wrapper holds its end of the FIFO; from then on end of file means that it is gone.
  looks=0
  # shellcheck disable=SC3013 # dash, bash and busybox sh all have -ef
  until [ "/proc/$wrapper/fd/5" -ef "$dir/life" ]; do
    looks=$((looks + 1))
    if ! wrapper_lives || [ "$looks" -gt 1500 ]; then break; fi
    # It comes within microseconds; a sleep is a process.
    [ "$looks" -lt 500 ] || sleep 0.01
  done
  exec 6<"$dir/life" 4>&-
  # Until the runtime is about to run, or never will.
  read -r _ <&6
}

adopt() {
  read -r _ started_at <"$dir/instance"
  # Opened for both first: opening for reading alone would block if the wrapper died just now.
  exec 4<>"$dir/life"
  exec 6<"$dir/life" 4>&-
  say "adopts the living session"
}

# Ready means: below the wrapper runs something that is neither the wrapper nor a step on the way.
# A word of /proc/PID/cmdline is enough; dash drops the NULs between the words.
wait_for_runtime() {
  looks=0
  while wrapper_lives; do
    child=''
    read -r child _ 2>/dev/null <"/proc/$wrapper/task/$wrapper/children"
    if [ -n "$child" ]; then
      words=''
      IFS= read -r words 2>/dev/null <"/proc/$child/cmdline"
      case $words in
        '' | systemd-run* | *"$pane_script--pane$dir" | *"$pane_script--exec$dir") ;;
        *) return 0 ;;
      esac
    fi
    [ ! -e "$dir/exit" ] || return 1
    # It comes within microseconds, when we made it; a sleep is a process.
    looks=$((looks + 1))
    [ "$looks" -lt 50 ] || sleep 0.01
  done
  return 1
}

# Ended before the agent is up.
abandon() {
  trap '' TERM
  end_processes
  remove_session
  rm -f "$dir/instance" "$dir/life"
  [ -z "$lock_token" ] || is_lock_ours || fail 75 "its restart lock was taken over"
  exit 0
}

settle() {
  left_ms=$settle_ms
  while [ "$left_ms" -gt 0 ]; do
    [ -d "/proc/$child" ] || return 1
    sleep 0.05
    left_ms=$((left_ms - 50))
  done
}

run() {
  umask 077
  [ -d "$dir" ] || mkdir -p "$dir"
  # Not `exec 9>`: a redirection that fails there ends the shell without a word.
  [ -w "$dir" ] || fail 75 "cannot write to $dir"
  exec 9>"$dir/lock"
  flock -n 9 || fail 75 "another process supervises this agent already"
  [ ! -e "$dir/fault" ] || rm -f "$dir/fault"
  load_launch
  known=''
  # Of a stop that was itself killed: what comes now is no clean stop.
  [ ! -e "$dir/stopping" ] || rm -f "$dir/stopping"
  if [ -e "$dir/instance" ]; then
    read -r known _ <"$dir/instance"
    wait_for_server
    look
  fi
  if [ -n "$instance" ] && [ "$pane_dead" = 0 ] && [ "$instance" = "$known" ] && [ -p "$dir/life" ]; then
    adopt
  else
    if [ -n "$instance" ]; then end_processes; remove_session; fi
    instance=''
    backoff
    take_lock
    # Stopped before the agent is up: leave nothing half-started.
    trap 'abandon' TERM
    create
  fi
  if wait_for_runtime && settle; then
    drop_lock || abandon
    # From here on our end is not the agent's: whoever reads the line may detach us at once. A unit that systemd stops
    # before it hears of it is swept by --stopped.
    trap - TERM
    say "ready pane=$pane_id pid=$child"
    [ -z "${NOTIFY_SOCKET:-}" ] || systemd-notify --ready --status="pane $pane_id, pid $child" 9>&-
    # What waits for it since before a reboot: not every runtime reports that it is there.
    if [ -e "$dir/waits" ] && [ -n "${MOSAIC_BIN:-}" ]; then
      "$MOSAIC_BIN" agent deliver "$name" 6<&- 9>&- </dev/null >/dev/null 2>&1 &
    fi
  fi
  while read -r _ <&6; do :; done
  wrapper=''
  close_box
  end_processes
  say "ended reason=$reason status=$status"
  # A crashed pane stays for a person to look at; the next start replaces it.
  case $reason in stopped | clean) remove_session ;; esac
  exit "$code"
}

stop() {
  umask 077
  mode=stop
  [ -d "$dir" ] && [ -f "$dir/launch.sh" ] || return 0
  # shellcheck source=/dev/null
  . "$dir/launch.sh"
  stop_seconds=${MOSAIC_STOP_SECONDS:-$stop_seconds}
  look
  if [ -n "$instance" ]; then
    # How the unit process tells a stop from a crash. On a full or read-only disk the agent is stopped all the same.
    true 2>/dev/null >"$dir/stopping" || :
    # In copy mode or not, dead or not: the process end is what ends a session.
    end_processes
    # The unit process sees the end, leaves the black box and removes the session.
    flock -w 5 "$dir/lock" true 2>/dev/null
    remove_session
  elif [ -e "$dir/instance" ]; then
    # The server is gone; something of the agent may have outlived it.
    read -r instance _ <"$dir/instance"
    end_processes
  fi
  rm -f "$dir/stopping" "$dir/crashes" "$dir/starts" "$dir/instance" "$dir/exit" "$dir/life"
}

case ${1:-} in
  --stop) use_name "${2:-}"; stop ;;
  # systemd runs no ExecStop for a unit that was not ready yet, and an agent whose unit process crashed lives on.
  --stopped) use_name "${2:-}"; [ "${SERVICE_RESULT:-}" != success ] || stop ;;
  *) use_name "${1:-}"; run ;;
esac
