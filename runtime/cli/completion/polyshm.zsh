#compdef polyshm
# Completion for zsh: commands and options as polyshm's own help has them, and the names of blocks.
if ((CURRENT == 2)); then
  compadd -- ${(f)"$($words[1] --help | sed -n 's/^  \([-a-z]*\)  *.*/\1/p')"}
elif [[ $words[CURRENT-1] == --type ]]; then
  compadd -- none bool int float str bytes
elif [[ $words[CURRENT] == -* ]]; then
  compadd -- ${(f)"$($words[1] $words[2] --help 2>/dev/null | sed -n 's/^  \(--[-a-z]*\).*/\1/p')"}
elif [[ $words[2] == (stat|show|get|set|watch|rm) ]]; then
  compadd -- /dev/shm/*(N.:t)
fi
