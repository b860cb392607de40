"""Completion scripts: those of cyclopts, with additions that bash and zsh need."""

from __future__ import annotations

import re
from typing import Literal

Shell = Literal["bash", "zsh", "fish"]

LOAD: dict[Shell, str] = {
    "bash": "source <(hubbub completion bash)",
    "zsh": "source <(hubbub completion zsh)",
    "fish": "hubbub completion fish | source",
}
"""The command that loads the completion into the running shell."""

_REGISTERED = "complete -F _hubbub hubbub\n"

BASH = """\
# Bash parts words at each : and =, so that --server=HOST:PORT is five. Here they are put
# together again; of what is found, the part up to the last colon is there already.
_hubbub_with_colons() {
  local line="$COMP_LINE" word="" last="" apart="" i at=0
  local -a words=()
  for ((i = 0; i < ${#COMP_WORDS[@]}; i++)); do
    word="${COMP_WORDS[i]}"
    apart="${line%%[![:space:]]*}"
    line="${line#"$apart"}"
    line="${line#"$word"}"
    if [[ $i -gt 0 && -z "$apart" && ( "$word" == :* || "$last" == *: ||
        "$word" == "=" && $i -lt $((COMP_CWORD - 1)) ||
        "$last" == "=" && $i -lt $COMP_CWORD ) ]]; then
      words[${#words[@]} - 1]+="$word"
    else
      words+=("$word")
    fi
    last="$word"
    [[ $i -eq $COMP_CWORD ]] && at=$((${#words[@]} - 1))
  done
  COMP_WORDS=("${words[@]}")
  COMP_CWORD=$at
  _hubbub "$1" "${words[at]}" "${words[at > 0 ? at - 1 : 0]}"
  if [[ "${words[at]}" == *:* && "$COMP_WORDBREAKS" == *:* ]]; then
    local there="${words[at]%"${words[at]##*:}"}"
    for i in "${!COMPREPLY[@]}"; do
      COMPREPLY[i]="${COMPREPLY[i]#"$there"}"
    done
  fi
}

complete -F _hubbub_with_colons hubbub
"""


ZSH = """\

# A function that zsh has found by its file is called by zsh; one that was sourced is made known.
if [[ "$funcstack[1]" == _cyclopts_hubbub ]]; then
  _cyclopts_hubbub "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -u }
  compdef _cyclopts_hubbub hubbub
fi
"""

# To zsh, --server[…]:server is an option whose value is the next word; with = behind the name, it
# may be in the same word, too.
_ZSH_OPTION = re.compile(r"""^([ \t]+['"]\*--[a-z-]+)(?=\[)""", re.MULTILINE)


def completed(script: str, shell: Shell) -> str:
    """``script`` with the additions for ``shell``."""
    match shell:
        case "bash":
            return script.replace(_REGISTERED, BASH)
        case "zsh":
            return _ZSH_OPTION.sub(r"\1=", script) + ZSH
        case "fish":
            return script
