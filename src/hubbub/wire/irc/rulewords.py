"""What an event changes in a room, as the parameters of a ``MODE``: letters, and what they need.

What was there before is known of an event that was not shown before: of what is caught up with it
is not, and then all that it may have taken the place of is taken away.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from hubbub.domain.events import RulesSet
from hubbub.wire.irc.modes import HIDDEN_KEY, KEY, LIMIT, RULES, Rule, Rules, letter_of

NOT_SAID: dict[str, Any] = {
    **{rule.field: None for rule in RULES},
    "most": None,
    "password": False,
    "labels": None,  # told to clients that have asked for it
}


def rule_changes(before: Rules | None, event: RulesSet) -> list[str]:
    """The parameters of the ``MODE`` that tells of ``event``; none if no mode does."""
    gone, new = "", ""
    for rule in RULES:
        value = getattr(event, rule.field)
        if value is None:
            continue
        now = letter_of(rule, value)
        gone += "".join(letter for letter in _were(rule, before) if letter != now)
        if now and (before is None or letter_of(rule, getattr(before, rule.field)) != now):
            new += now
    if event.password and KEY not in new:
        new += KEY
    values = [HIDDEN_KEY] * new.count(KEY)
    if event.most and (before is None or before.most != event.most):
        new, values = new + LIMIT, [*values, str(event.most)]
    elif event.most == 0 and (before is None or before.most):
        gone += LIMIT
    signs = (f"-{gone}" if gone else "") + (f"+{new}" if new else "")
    return [signs, *[HIDDEN_KEY] * gone.count(KEY), *values] if signs else []


def _were(rule: Rule, before: Rules | None) -> str:
    if before is None:
        return "".join(rule.modes)
    return letter_of(rule, getattr(before, rule.field))


def rest_of(event: RulesSet) -> RulesSet | None:
    """``event`` without what modes tell; None if they tell all of it."""
    rest = replace(event, **NOT_SAID)
    nothing = RulesSet(event.seq, event.at, event.by, by_id=event.by_id)
    return None if rest == nothing else rest
