#!/bin/sh
# Sends one message to an agent: puts our header line in front (who sent it, under which id) and hands it to
# send-message.sh beside this file, which types it. What agents and scripts use to talk to each other.
set -u

usage_text='usage: agent-send.sh -L SOCKET [-S LABEL] [-i ID] [-T SECONDS] [-P FILE] NAME [TEXT]
       agent-send.sh -L SOCKET [-S LABEL] [-i ID] [-T SECONDS] [-P FILE] --to NAME [TEXT]

  NAME         the agent, by exact name; without TEXT the message is read from standard input
  -L SOCKET    tmux socket name (inside the pane of an agent: that of its fleet)
  -S LABEL     who it is from. Without it: HOST:AGENT inside the pane of an agent, HOST:operator elsewhere
  -i ID        id of the message, letters, digits, - and _ (default: a random one)
  -T SECONDS   bounds each wait of the delivery (default 10)
  -P FILE      the permit: removed right before the text is typed; when it is gone by then, nothing is typed

The agent gets:  [mosaic ID from LABEL]
                 TEXT

Prints "id=ID result=RESULT" on standard output and the cause of a failure on standard error.
Inside an agent (and without -i) it goes through mosaic agent send, which keeps the receipt, queues a message for an agent
that works (6, queued), and prints the status of the receipt.

exit status (result)
  0   submitted          4   refused: nothing was typed
  2   wrong usage        5   unproven: typed, but not proven submitted
  3   not-running        6   unseen: typed, but never seen
  75  busy: another sender holds the pane'

fail_usage() { printf 'agent-send: %s; see --help\n' "$1" >&2; exit 2; }

LC_ALL=C
export LC_ALL

socket=${MOSAIC_SOCKET:-} label='' id='' seconds=10 name='' text='' has_label='' has_text='' permit=''
take() {
  if [ -z "$name" ]; then name=$1
  elif [ -z "$has_text" ]; then text=$1 has_text=1
  else fail_usage 'more than one TEXT: quote it'
  fi
}
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) printf '%s\n' "$usage_text"; exit 0 ;;
    -L | -S | -i | -T | -P | --to)
      [ $# -ge 2 ] || fail_usage "$1 needs a value"
      case $1 in
        -L) socket=$2 ;;
        -S) label=$2 has_label=1 ;;
        -i) id=$2 ;;
        -T) seconds=$2 ;;
        -P) permit=$2 ;;
        --to) [ -z "$name" ] || fail_usage '--to comes before TEXT and replaces NAME'; name=$2 ;;
      esac
      shift 2
      continue
      ;;
    --) shift; break ;;
    -?*) fail_usage "unknown option $1" ;;
    *) take "$1" ;;
  esac
  shift
done
for word; do take "$word"; done

[ -n "$name" ] || fail_usage 'the agent is missing'
[ -n "$socket" ] || fail_usage '-L SOCKET is missing'
case $id in *[!A-Za-z0-9_-]*) fail_usage "not an id: $id" ;; esac
[ ${#id} -le 64 ] || fail_usage 'the id is longer than 64 characters'
# Inside an agent mosaic keeps a receipt, unless it is mosaic that calls us (with an id), or the fleet is another one.
through=''
[ -n "$id" ] || [ -z "${MOSAIC_AGENT:-}" ] || [ ! -x "${MOSAIC_BIN:-}" ] || [ "$socket" != "${MOSAIC_SOCKET:-}" ] ||
  through=$MOSAIC_BIN
[ -n "$id" ] || id=$(od -An -N5 -tx1 /dev/urandom | tr -d ' \n')

# The agent whose pane we run in. Asked from the server of that pane and for that very pane: the target's server would
# name whichever session was used last. An agent's children have its name in their environment.
own_agent() {
  if [ -n "${MOSAIC_AGENT:-}" ]; then
    printf '%s' "$MOSAIC_AGENT"
  elif [ -n "${TMUX:-}" ] && [ -n "${TMUX_PANE:-}" ]; then
    tmux -N -S "${TMUX%%,*}" display-message -p -t "$TMUX_PANE" '#{@mosaic_agent}' 2>/dev/null
  fi
}

if [ -z "$has_label" ]; then
  agent=$(own_agent)
  label=$(uname -n):${agent:-operator}
fi
# One line without brackets: it must not end the header early.
case $label in
  *[!a-zA-Z0-9:._@-]*) label=$(printf '%s' "$label" | tr '\t\n\r' '   ' | tr -d '\000-\037\177[]' | sed 's/^ *//;s/ *$//') ;;
esac
[ -n "$label" ] || fail_usage 'the label is empty'
[ ${#label} -le 200 ] || fail_usage 'the label is longer than 200 bytes'

if [ -n "$has_text" ]; then text=$(printf '%s' "$text"); else text=$(cat); fi
# The shell cuts newlines at the end, but not those of CR LF.
carriage_return=$(printf '\r') newline='
'
while :; do case $text in *"$carriage_return" | *"$newline") text=${text%?} ;; *) break ;; esac; done
case $text in *[![:space:]]*) ;; *) fail_usage 'the message is empty' ;; esac

case $0 in */*) tools=${0%/*} ;; *) tools=. ;; esac
if [ -n "$through" ]; then
  set -- agent send "$name" --json
  [ -z "$has_label" ] || set -- "$@" --source-label "$label"
  told=$(printf '%s' "$text" | MOSAIC_STATE=${MOSAIC_HOOK_STATE:-${MOSAIC_STATE:-}} "$through" "$@")
  status=$?
  [ -n "$told" ] || exit "$status"
  id=${told#*\"id\":\"} result=${told#*,\"status\":\"}
  printf 'id=%s result=%s\n' "${id%%\"*}" "${result%%\"*}"
  exit "$status"
fi

# The space at the end keeps a trailing @word from opening a popup that would eat the Enter; runtimes trim it.
printf '[mosaic %s from %s]\n%s ' "$id" "$label" "$text" |
  sh "$tools/send-message.sh" -L "$socket" -t "$name" -T "$seconds" ${permit:+-P "$permit"}
status=$?
case $status in
  0) result=submitted ;;
  2) result=usage ;;
  3) result=not-running ;;
  4) result=refused ;;
  5) result=unproven ;;
  6) result=unseen ;;
  75) result=busy ;;
  *) result=failed ;;
esac
printf 'id=%s result=%s\n' "$id" "$result"
exit "$status"
