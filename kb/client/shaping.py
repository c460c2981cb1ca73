"""Makes the frozen values of `kb.client.values` of the JSON of the server.

Fields that a newer server adds are left out; one that is missing is an error.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import lru_cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def value_of(kind: type[T], found: Any) -> T:
    """A value of a dataclass made of JSON. Raises ValueError where it is of another shape."""
    made: T = _made(kind, found, kind.__name__)
    return made


@lru_cache(maxsize=64)
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _made(kind: Any, found: Any, at: str) -> Any:
    if isinstance(kind, type) and is_dataclass(kind):
        if not isinstance(found, dict):
            raise ValueError(f"{at} is {found!r}, not an object")
        hints, values = _hints(kind), {}
        for field in fields(kind):
            if field.name in found:
                hint = hints[field.name]
                values[field.name] = _made(hint, found[field.name], f"{at}.{field.name}")
            elif field.default is MISSING:
                raise ValueError(f"{at} has no {field.name}")
        return kind(**values)
    if isinstance(kind, types.UnionType):
        if found is None:
            return None
        return _made(next(k for k in get_args(kind) if k is not type(None)), found, at)
    if get_origin(kind) is tuple:
        if not isinstance(found, list):
            raise ValueError(f"{at} is {found!r}, not a list")
        return tuple(_made(get_args(kind)[0], one, at) for one in found)
    if get_origin(kind) is Mapping:
        if not isinstance(found, dict):
            raise ValueError(f"{at} is {found!r}, not an object")
        return {name: _made(get_args(kind)[1], one, f"{at}.{name}") for name, one in found.items()}
    if kind is float and isinstance(found, int):
        return float(found)
    if kind is not Any and isinstance(kind, type) and not isinstance(found, kind):
        raise ValueError(f"{at} is {found!r}, not a {kind.__name__}")
    return found
