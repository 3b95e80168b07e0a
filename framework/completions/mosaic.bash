# bash completion for mosaic
# Printed by `mosaic completions bash`. Works from bash 3.2 on (macOS), without the bash-completion package, and
# evaluates nothing that was typed: a `$(...)` in a half-written message does not run at TAB.
_mosaic() {
  local -a words
  local count=0 directive=0 i line word
  COMPREPLY=()
  # bash cuts --flag=value into three words; put them together again.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if ((count > 0)) && [[ ($word == = && ${words[count - 1]} == --*) || ${words[count - 1]} == --*= ]]; then
      words[count - 1]+=$word
    else
      words[count]=$word
      ((count += 1))
    fi
  done
  while IFS= read -r line; do
    case $line in
      :*) directive=${line#:} ;;
      ?*) COMPREPLY+=("${line%%$'\t'*}") ;;
    esac
  done < <(mosaic complete -- "${words[@]}" 2>/dev/null)
  if [[ ${words[count - 1]} == --*=* ]]; then
    COMPREPLY=("${COMPREPLY[@]#*=}")
  fi
  if ((${#COMPREPLY[@]} == 0 && (directive & 4) == 0)); then
    type compopt >/dev/null 2>&1 && compopt -o default
  fi
}
complete -F _mosaic mosaic
