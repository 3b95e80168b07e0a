#!/bin/sh
# Types one text into the pane of an agent and proves that it left the composer. Mechanical: it knows no runtime; what
# an empty composer looks like is data in the session's options (written from src/domain/runtimes.ts).
#
#   paste (bracketed) -> wait until it is seen -> pause -> Enter -> wait until it is gone
#
# Over 200 lines: the steps share what was seen on the screen, and one file is what a person reads to trust it.
# shellcheck disable=SC2317 # the conditions are called by name, through wait_until
set -u

usage_text='usage: send-message.sh -L SOCKET -t SESSION [-T SECONDS] [-P FILE] < TEXT

  -L SOCKET    tmux socket name; the default server is never used
  -t SESSION   the agent, which is its session, by exact name
  -T SECONDS   bounds each wait: for another sender, for the text to be seen, for it to be gone (default 10)
  -P FILE      removed right before the text is typed; when it is gone by then, nothing is typed

Control characters but newline and tab are taken out of the text, CR LF and CR become newlines, and newlines at
its end are dropped.

exit status
  0   submitted: the text was seen in the composer and seen to leave it
  2   wrong usage, or an empty text
  3   no server, no such session, or its process is dead
  4   refused, nothing was typed: not a session of mosaic, or its composer is not empty (a draft, a question)
  5   typed, but not proven submitted
  6   typed, but never seen
  75  another sender holds the pane, or the permit was taken back

session options (all but the first may be missing)
  @mosaic_agent           marks our sessions
  @mosaic_pane            pane id; without it the session must have one pane only
  @mosaic_enter_delay_ms  pause between the paste and Enter (default 50)
  @mosaic_second_enter    1: one more Enter when the text still stands in the composer
  @mosaic_composer        an ERE that fits "COLUMN/ROW ABOVE/ROW", taken at the cursor, when the composer is empty;
                          or "line" for a program that reads lines: that Enter moved the cursor is the proof
  @mosaic_question        an ERE that fits the title or a row of the screen while a question is open'

say() { printf 'send-message: %s\n' "$*" >&2; }
fail() { code=$1; shift; say "$*"; exit "$code"; }

# Bytes, not characters, in sed, awk and tr; `tmux -u` keeps UTF-8 in what tmux prints.
LC_ALL=C
export LC_ALL

socket='' session='' seconds=10 permit=''
while getopts :L:t:T:P:h-: option; do
  case $option in
    L) socket=$OPTARG ;;
    t) session=$OPTARG ;;
    T) seconds=$OPTARG ;;
    P) permit=$OPTARG ;;
    h) printf '%s\n' "$usage_text"; exit 0 ;;
    -) [ "$OPTARG" = help ] || fail 2 "unknown option --$OPTARG; see --help"; printf '%s\n' "$usage_text"; exit 0 ;;
    :) fail 2 "-$OPTARG needs a value; see --help" ;;
    *) fail 2 "unknown option -$OPTARG; see --help" ;;
  esac
done
shift $((OPTIND - 1))
[ $# -eq 0 ] || fail 2 "unexpected word: $1; the text is read from standard input"
[ -n "$socket" ] || fail 2 "-L SOCKET is missing; see --help"
case $socket in */* | -*) fail 2 "not a socket name: $socket" ;; esac
case $session in '' | [!a-z]* | *[!a-z0-9-]*) fail 2 "not the name of an agent: $session" ;; esac
case $seconds in '' | 0* | *[!0-9]* | ?????*) fail 2 "-T takes whole seconds from 1: $seconds" ;; esac

tmux_call() { tmux -u -N -L "$socket" "$@"; }

# ---- the text -------------------------------------------------------------------------------------------

tab=$(printf '\t') newline='
'
# A range of bytes for sed, such as [\200-\237]; sed itself has no portable escapes for them.
bytes() { printf '[%b-%b]' "\\0$1" "\\0$2"; }

# ESC [201~ in a text would end the bracketed paste and make keys of the rest. C1 controls go in both of their forms:
# as UTF-8 (C2 80..9F), and as bare bytes that belong to no UTF-8 character. Those that
# turn the direction of a text (U+202A..E, U+2066..9) go too: Claude Code takes them out and then waits for a person.
sanitize() {
  text=$(tr -d '\000-\010\013\014\016-\037\177\300\301\365-\377')
  # Most texts are plain by now, and no more processes are needed for them.
  case $text in *[!"$tab$newline"\ -~]*) ;; *) printf '%s' "$text"; return ;; esac
  any=$(bytes 200 277) c2=$(printf '\302')
  printf '%s\n' "$text" |
    sed -e "s/$c2$(bytes 200 237)//g" \
      -e "s/$(printf '\342\200')$(bytes 252 256)//g" -e "s/$(printf '\342\201')$(bytes 246 251)//g" \
      -e "s/^$any$any*//" \
      -e "s/\($(bytes 001 177)\)$any$any*/\1/g" \
      -e "s/\($(bytes 302 337)$any\)$any$any*/\1/g" \
      -e "s/\($(bytes 340 357)$any$any\)$any$any*/\1/g" \
      -e "s/\($(bytes 360 364)$any$any$any\)$any$any*/\1/g" \
      -e "s/$(printf '\r')\$//" |
    tr '\r' '\n'
}

text=$(sanitize)
case $text in *[![:space:]]*) ;; *) fail 2 'the text is empty' ;; esac

# ---- the pane -------------------------------------------------------------------------------------------

# One call for all facts, a line for each. tmux succeeds for a target that is not there and prints empty lines, so the
# answer is looked at, not the status.
facts=$(set -- '#{session_name}' '#{@mosaic_agent}' '#{@mosaic_instance}' '#{?@mosaic_pane,#{@mosaic_pane},#{pane_id}}' \
  '#{?@mosaic_pane,one,#{session_windows}#{window_panes}}' '#{@mosaic_enter_delay_ms}' '#{@mosaic_second_enter}' \
  '#{@mosaic_composer}' '#{@mosaic_question}' '#{socket_path}'
  for format; do
    shift
    set -- "$@" display-message -p -t "=$session:" "$format" ';'
  done
  tmux_call "$@" 2>/dev/null) || fail 3 "no tmux server on socket $socket"
{
  IFS= read -r found; IFS= read -r agent; IFS= read -r instance; IFS= read -r pane; IFS= read -r panes
  IFS= read -r delay_ms; IFS= read -r second_enter; IFS= read -r composer; IFS= read -r question
  IFS= read -r socket_path
} <<END
$facts
END
[ "$found" = "$session" ] || fail 3 "no session $session on socket $socket"
[ -n "$agent" ] || fail 4 "the session $session is not one of mosaic's"
case $panes in
  one | 11) ;;
  *) fail 4 "the session $session has more than one pane, and it is not known which one is the agent's" ;;
esac
case $pane$instance in *[!a-zA-Z0-9%]*) fail 4 "the options of the session $session make no sense" ;; esac
case $delay_ms in '' | *[!0-9]* | ?????*) delay_ms=50 ;; esac
# The session too, not only the pane: after a restart of the server the pane's number may be another agent's.
target="=$session:.$pane"

# ---- one sender at a time -------------------------------------------------------------------------------

# Where there is no flock(1) (macOS), the lock is an option of the session, compared and set inside the server; a
# sender that is dead loses it.
known=''
lock_session() {
  holder=$(tmux_call if-shell -F -t "=$session:" "#{==:#{@mosaic_sender},$known}" \
    "set-option -t '=$session:' @mosaic_sender $$" '' \; display-message -p -t "=$session:" '#{@mosaic_sender}')
  [ "$holder" != $$ ] || return 0
  if kill -0 "${holder:-1}" 2>/dev/null; then known=''; else known=$holder; fi
  return 1
}
unlock_session() { tmux_call set-option -qu -t "=$session:" @mosaic_sender 2>/dev/null; }

# Beside the socket: whoever can type there can lock there. The kernel lets go when we die.
lock_file=$socket_path.$session.lock
lock_with_flock() { flock -n 9; }

if command -v flock >/dev/null 2>&1; then
  exec 9>>"$lock_file" || fail 75 "cannot open $lock_file"
  lock=lock_with_flock
else
  locked=''
  trap '[ -z "$locked" ] || unlock_session' EXIT
  lock=lock_session
fi
looks=$((seconds * 25))
until "$lock"; do
  looks=$((looks - 1))
  [ "$looks" -gt 0 ] || fail 75 "another message is being typed into $session"
  sleep 0.04
done
locked=1

# ---- the screen -----------------------------------------------------------------------------------------

# What to recognise the text by, without white space (a composer wraps and indents): the start of its first line,
# which is our header, and its end, which is where the cursor stands after the paste.
marks_of_text=$(printf '%s\n' "$text" | awk '
  { gsub(/[ \t]/, ""); squeezed = squeezed $0 }
  NR == 1 { print substr($0, 1, 24) }
  length(squeezed) > 400 { squeezed = substr(squeezed, length(squeezed) - 11) }
  END { print substr(squeezed, length(squeezed) > 12 ? length(squeezed) - 11 : 1) }')
mark=${marks_of_text%%"$newline"*} tail=${marks_of_text#*"$newline"}
export mark tail composer question

# Sets dead, column, row and above (where the cursor is, its row and the one above), here (column/row), place (the line
# counted from the start of the history), asks (a question is open), marks (how many rows show the mark), at_end (what
# stands before the cursor is the end of the text), folded (a long paste is shown as [Pasted …]), empty (the composer is).
# One tmux call.
look() {
  seen=$(tmux_call display-message -p -t "$target" \
    '#{pane_dead}|#{cursor_x}|#{cursor_y}|#{history_size}|#{@mosaic_instance}' \; \
    display-message -p -t "$target" '#{pane_title}' \; capture-pane -p -t "$target" 2>/dev/null | awk '
    function squeezed(text) { gsub(/[ \t]/, "", text); return text }
    function ends(text, part) { return length(text) >= length(part) && substr(text, length(text) - length(part) + 1) == part }
    NR == 1 { facts = $0; split($0, fact, "|"); line = fact[3]; next }
    ENVIRON["question"] != "" && $0 ~ ENVIRON["question"] { asks = 1 }
    NR == 2 { next }
    {
      row = NR - 3
      if (row <= line && ENVIRON["mark"] != "" && index(squeezed($0), ENVIRON["mark"])) marks++
      if (row == line - 1) above = $0
      if (row == line) here = $0
      if (row > line - 4 && row <= line) near = near squeezed($0)
    }
    END {
      # The right edge of a boxed composer.
      sub(/(\342\224\202|\342\224\203|\|)$/, "", near)
      at_end = ends(near, ENVIRON["tail"])
      folded = here ~ /\[[Pp]asted? /
      # Also where the look of an empty one is not known.
      empty = ENVIRON["composer"] == "" || ENVIRON["composer"] == "line" || (fact[2] "/" above "/" here) ~ ENVIRON["composer"]
      print facts
      print asks + 0 "|" marks + 0 "|" at_end + 0 "|" folded + 0 "|" empty + 0
      print above
      print here
    }')
  {
    IFS='|' read -r dead column line history now
    IFS='|' read -r asks marks at_end folded empty
    IFS= read -r above
    IFS= read -r row
  } <<END
$seen
END
  [ -n "$column" ] || fail "$lost_code" "$session is gone$lost_words"
  [ "$now" = "$instance" ] || fail "$lost_code" "$session was restarted meanwhile$lost_words"
  [ "$dead" = 0 ] || fail "$lost_code" "the process of $session is dead$lost_words"
  here=$column/$row place=$((history + line))
}

is_empty() { [ "$empty" = 1 ]; }

# The text stands in the composer: the cursor's place changed, and what it shows is ours. A program that reads lines
# has taken all but the last one already, so its cursor may be where it was.
is_seen() {
  [ "$here" != "$here_before" ] || [ "$composer" = line ] || return 1
  [ "$marks" -gt "$marks_before" ] || { [ "$here" != "$here_before" ] && [ "$at_end$folded" != 00 ]; }
}

# The text is gone from the composer. Without a pattern: the cursor is back in its column, and neither its row nor the
# one above (an Enter that was taken for a newline) is where the text ended.
is_gone() {
  case $composer in
    line) [ "$here" != "$here_typed" ] || [ "$place" != "$place_typed" ] ;;
    '') [ "$column" = "$column_before" ] && [ "$here" != "$here_typed" ] && [ "$above" != "$row_typed" ] ;;
    *) is_empty ;;
  esac
}

# wait_until CONDITION SECONDS: looks, at first often and then 25 times a second, until it holds; false after the time.
wait_until() {
  looks=$(($2 * 25)) late=$(($2 * 25 - 6)) pause=0.01
  until look; "$1"; do
    looks=$((looks - 1))
    [ "$looks" -gt 0 ] || return 1
    sleep "$pause"
    # Most programs draw within a tenth of a second.
    [ "$looks" -gt "$late" ] || pause=0.03
  done
}

# ---- delivery -------------------------------------------------------------------------------------------

lost_code=3 lost_words=''
is_decided() { [ "$asks" = 1 ] || is_empty; }
# A moment of grace: the program may just be drawing.
wait_until is_decided 1 || fail 4 "$session shows no empty composer: a draft, a question, or it is still starting"
[ "$asks" = 0 ] || fail 4 "$session asks a question: a message would answer it"
here_before=$here column_before=$column marks_before=$marks

# tmux 3.3a dies, with every agent in it, when a paste reaches a dead pane: the guard must be in the same command. In
# copy mode the text would arrive and the Enter would not. The buffer is ours alone, and -d removes it.
[ -z "$permit" ] || rm "$permit" 2>/dev/null || fail 75 "the permit to type into $session was taken back"
buffer=mosaic-send-$$
is_alive="#{&&:#{==:#{pane_dead},0},#{==:#{@mosaic_instance},$instance}}"
typed=$(printf '%s' "$text" | tmux_call load-buffer -b "$buffer" - \; if-shell -F -t "$target" "$is_alive" \
  "copy-mode -q -t '$target' ; paste-buffer -p -d -b $buffer -t '$target' ; display-message -p typed" \
  "delete-buffer -b $buffer" 2>/dev/null)
[ "$typed" = typed ] || fail 3 "the process of $session is dead"

lost_words=', before the text was submitted'
# Where no composer keeps the text until Enter, each line of it is taken as it comes, and may be what the program died of.
case $composer in '' | line) lost_code=5 lost_words=': it may have taken the text' ;; esac
wait_until is_seen "$seconds" || fail 6 "the text was typed into $session, but never seen there"

# press: Enter, in the same server command that looks whether the cursor still stands where the text was seen to end.
press() {
  pressed=$(tmux_call if-shell -F -t "$target" "#{&&:$is_alive,#{==:#{cursor_x},$column}}" \
    "copy-mode -q -t '$target' ; send-keys -t '$target' Enter ; display-message -p pressed" '' 2>/dev/null)
  [ "$pressed" = pressed ]
}

stands() { [ "$asks" = 0 ] && is_seen && press; }
# Without a pause the text was seen just now.
[ "$delay_ms" = 0 ] || sleep "$((delay_ms / 1000)).$(printf '%03d' $((delay_ms % 1000)))"
if { [ "$delay_ms" != 0 ] || ! stands; } && ! wait_until stands "$seconds"; then
  [ "$asks" = 0 ] || fail 5 "$session opened a question while the text was typed: it stands there, not submitted"
  fail 5 "the composer of $session changed while the text was typed: it was not submitted"
fi
here_typed=$here row_typed=$row place_typed=$place

lost_code=5 lost_words=' after Enter: it is not known whether it took the text'
first_wait=$seconds
# Longer than a busy program takes to redraw; a program that has just started may lose the first Enter.
[ "$second_enter" != 1 ] || [ "$seconds" -le 2 ] || first_wait=2
if wait_until is_gone "$first_wait"; then exit 0; fi
# Only where the cursor stands behind our text still. Not by its place: pi, while it starts, keeps a text that was
# entered and trims it.
if [ "$second_enter" = 1 ] && [ "$at_end$folded" != 00 ] && stands && wait_until is_gone "$seconds"; then exit 0; fi
fail 5 "the text was typed into $session, but it still stands in the composer"
