"""Whether the program was replaced on the disk while it ran, as by an upgrade.

What is loaded later, and the processes that are started, then are of another version, and fail with
errors that say nothing to who reads them.
"""

from __future__ import annotations

import time
from pathlib import Path

STARTED = time.time()
ADVICE = (
    "the program was replaced on the disk while it ran, as an upgrade does; run the command again, "
    "what was done is kept"
)


def was_replaced(folder: Path = Path(__file__).parent, since: float = STARTED) -> bool:
    """Whether a file of the program was written or renamed since then (seconds)."""
    try:
        return any(path.stat().st_ctime > since for path in folder.rglob("*.py"))
    except OSError:  # one went while it was looked at
        return True
