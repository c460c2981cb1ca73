"""The keys that allow writing: made by the command line, kept as salted hashes only.

A key is 256 random bits, which nobody guesses, so a fast hash keeps it as safely as a slow one
would: slowness protects what people choose, such as passwords. Keys are in `keys.json` in the
folder of the index, readable by its owner only.
"""

from __future__ import annotations

import datetime
import fcntl
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from kb.durable import replace_file, storing
from kb.errors import KidoError

FILE = "keys.json"
PREFIX = "kido_"
_SECRET_BYTES = 32
_LONGEST = 200  # characters of a key that is looked at


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key: its id, what it is called, when it was made (UTC), and its hash."""

    id: str
    name: str
    made: str
    salt: str = field(repr=False)
    sha256: str = field(repr=False)

    def opens(self, secret: str) -> bool:
        """Whether this is the key `secret`; takes the same time for every wrong one."""
        return hmac.compare_digest(_hash(self.salt, secret), self.sha256)


class Keys:
    """The keys of an index."""

    def __init__(self, index: Path) -> None:
        self._path = index / FILE

    def all(self) -> tuple[Key, ...]:
        """Every key, the oldest first. Raises KidoError when the file cannot be read."""
        try:
            values = json.loads(self._path.read_text(encoding="utf-8"))
            return tuple(Key(**value) for value in values)
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, TypeError) as error:
            raise KidoError(
                f"{self._path} cannot be read ({error}); remove it and make new keys with "
                "`kb key new`"
            ) from error

    def new(self, name: str) -> tuple[Key, str]:
        """Make a key; the second value is the key itself, which is kept nowhere.

        Raises KidoError when it cannot be written.
        """
        secret = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
        salt = secrets.token_hex(16)
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        key = Key(secrets.token_hex(4), name, now, salt, _hash(salt, secret))
        with self._locked():
            self._write((*self.all(), key))
        return key, secret

    def revoke(self, key_id: str) -> Key:
        """Let a key open nothing any more. Raises KidoError when there is none with this id."""
        with self._locked():
            keys = self.all()
            revoked = next((key for key in keys if key.id == key_id), None)
            if revoked is None:
                raise KidoError(f"there is no key {key_id!r}; `kb key list` shows the ids")
            self._write(tuple(key for key in keys if key is not revoked))
        return revoked

    def holder(self, secret: str) -> Key | None:
        """The key that a request came with; None when it is none. Every key is compared."""
        if not secret.isascii() or len(secret) > _LONGEST:
            return None
        found = [key for key in self.all() if key.opens(secret)]
        return found[0] if found else None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = (self._path.parent / "keys.lock").open("a+b")
        except OSError as error:
            raise KidoError(
                f"{self._path.parent} cannot be written ({error.strerror}); choose another index"
            ) from error
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _write(self, keys: tuple[Key, ...]) -> None:
        data = json.dumps([asdict(key) for key in keys], ensure_ascii=False, indent=1).encode()
        with storing(self._path, "the keys are as they were"):
            replace_file(self._path, data, point="keys", mode=0o600)


def _hash(salt: str, secret: str) -> str:
    return hashlib.sha256(f"{salt}:{secret}".encode()).hexdigest()
