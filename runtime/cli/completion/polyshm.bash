# Completion for bash: commands and options as polyshm's own help has them, and the names of blocks.
# A name may have anything in it; compgen -W would run what looks like a command, so names do not go through it.
_polyshm() {
  local current=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} path
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "$("$1" --help | sed -n 's/^  \([-a-z]*\)  *.*/\1/p')" -- "$current"))
  elif [[ ${COMP_WORDS[COMP_CWORD - 1]} == --type ]]; then
    COMPREPLY=($(compgen -W 'none bool int float str bytes' -- "$current"))
  elif [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$("$1" "$command" --help 2>/dev/null | sed -n 's/^  \(--[-a-z]*\).*/\1/p')" -- "$current"))
  elif [[ $command == @(stat|show|get|set|watch|rm) ]]; then
    compopt -o filenames 2>/dev/null
    for path in /dev/shm/*; do
      [[ -f $path && ! -L $path && ${path#/dev/shm/} == "$current"* ]] && COMPREPLY+=("${path#/dev/shm/}")
    done
  fi
}
complete -F _polyshm polyshm
