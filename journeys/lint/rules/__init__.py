"""The lint rules: one module each; its docstring is its page in the manual. The list is explicit."""

from __future__ import annotations

from types import ModuleType

from journeys.lint.rules import (
    condition,
    dead_end,
    duplicate_timer,
    ends,
    entry,
    gap,
    half_group,
    initial,
    overlap,
    parent_timer,
    reminders,
    reporters,
    siblings,
    stale_fact,
    state_without_content,
    telling,
    titles,
    too_many_cells,
    too_many_steps,
    unknown_fact,
    unknown_target,
    unknown_trigger,
    unreachable_state,
    unused_condition,
    zero_time_loop,
)

RULES: tuple[ModuleType, ...] = (
    unknown_fact,
    half_group,
    unknown_target,
    unknown_trigger,
    condition,
    initial,
    entry,
    titles,
    siblings,
    overlap,
    gap,
    too_many_cells,
    stale_fact,
    zero_time_loop,
    too_many_steps,
    parent_timer,
    telling,
    unreachable_state,
    dead_end,
    duplicate_timer,
    ends,
    reporters,
    reminders,
    state_without_content,
    unused_condition,
)
#: Each has `ID` and `check(subject)`.
