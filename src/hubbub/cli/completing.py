"""The scripts that make a shell complete: cyclopts', and what bash needs for words with a colon."""

from __future__ import annotations

from typing import Literal

Shell = Literal["bash", "zsh", "fish"]

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


def completed(script: str, shell: Shell) -> str:
    """``script`` as the shell is to have it."""
    return script.replace(_REGISTERED, BASH) if shell == "bash" else script
