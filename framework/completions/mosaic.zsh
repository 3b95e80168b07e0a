#compdef mosaic
# Printed by `mosaic completions zsh`. Evaluates nothing that was typed.
_mosaic() {
  local -a candidates lines
  local directive=0 line value
  lines=("${(@f)$(mosaic complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  for line in $lines; do
    if [[ $line == :* ]]; then
      directive=${line#:}
    elif [[ -n $line ]]; then
      value=${line%%$'\t'*}
      candidates+=("${value//:/\\:}:${line#*$'\t'}")
    fi
  done
  if (($#candidates)); then
    _describe mosaic candidates
  elif (((directive & 4) == 0)); then
    compset -P '--*='
    _files
  fi
}
if [[ ${funcstack[1]} == _mosaic ]]; then
  _mosaic "$@"
else
  compdef _mosaic mosaic
fi
