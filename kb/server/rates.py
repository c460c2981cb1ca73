"""How often other machines may ask: a budget for each address that fills up again."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable

_ADDRESSES = 10_000  # that are remembered
_SITE = 64  # bits of an IPv6 address that one household or company has to itself


class Rates:
    """Counts the requests of addresses: `per_minute` on average, as many at once; 0: no limit.

    Requests of this machine are not counted: a proxy here knows better who is behind them.
    """

    def __init__(self, per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._now = now
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, address: str) -> float:
        """Count a request; the seconds after which it is welcome, 0.0 where it is now."""
        whose = site_of(address) if self._per_minute else None
        if whose is None:
            return 0.0
        now, pace = self._now(), self._per_minute / 60
        left, since = self._left.pop(whose, (float(self._per_minute), now))
        left = min(float(self._per_minute), left + (now - since) * pace)
        welcome = left >= 1
        self._left[whose] = (left - welcome, now)
        if len(self._left) > _ADDRESSES:
            self._left.popitem(last=False)
        return 0.0 if welcome else (1 - left) / pace


def site_of(address: str) -> str | None:
    """Who an address belongs to; None for this machine and for what is no address."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is None:
            net = ipaddress.ip_network((int(found), _SITE), strict=False)
            return None if found.is_loopback else str(net)
        found = found.ipv4_mapped
    return None if found.is_loopback else str(found)
