"""When a document was issued, as its CSL-JSON item says."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from typing import Any


def issue_date(item: Mapping[str, Any]) -> tuple[int, ...]:
    """Year, month and day as far as they are known and make a date; empty without a year.

    Items come from people and other programs: what is of another shape counts as not given.
    """
    value = item.get("issued")
    parts = value.get("date-parts") if isinstance(value, dict) else None
    first = parts[0] if isinstance(parts, list | tuple) and parts else None
    if not isinstance(first, list | tuple) or any(isinstance(n, bool) for n in first):
        return ()
    try:
        numbers = [int(n) for n in first][:3]
    except (TypeError, ValueError, OverflowError):
        return ()
    if not numbers or not 1 <= numbers[0] <= 9999:
        return ()
    if len(numbers) > 1 and not 1 <= numbers[1] <= 12:
        return (numbers[0],)
    if len(numbers) > 2 and not 1 <= numbers[2] <= calendar.monthrange(*numbers[:2])[1]:
        return (numbers[0], numbers[1])
    return tuple(numbers)
