"""What a process gives up before it reads a file from anywhere: memory, time, network, files."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import kb

_FILES = 64  # open at a time: the pipes, and modules while they are loaded
_NEWNET, _NEWUSER = 0x40000000, 0x10000000  # flags of unshare(2)
_NO_NEW_PRIVILEGES = 38  # of prctl(2)
_CAPABILITIES = 0x20080522  # the version of capset(2) with 64 bits
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # landlock(7), on all machines
_EXECUTE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 2, 1 << 3
# What can be done with files, by the version of Landlock that knows of it.
_ACCESSES = {1: 13, 2: 14, 3: 15, 5: 16}


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may take: address space in bytes, seconds of a core, and seconds
    that pass while it could have a core.

    The seconds are those of a file of a mebibyte.
    """

    memory: int = 1 << 30
    cpu: int = 20
    wall: int = 30

    def for_file(self, size: int) -> Limits:
        """What reading a file of `size` bytes may take: each further mebibyte gives half of
        the seconds again, up to fifteen times as many, so that long reports are read. A file that
        unfolds to a thousand times its size gains nothing by this.
        """
        times = min(15.0, max(1.0, 1 + (size / 2**20 - 1) / 2))
        return Limits(self.memory, round(self.cpu * times), round(self.wall * times))


# Pages are read by another program, some seconds each, which ends a page after two minutes.
OCR_LIMITS = Limits(memory=4 << 30, cpu=600, wall=7200)


def confine(limits: Limits, *, programs: bool = False) -> tuple[str, ...]:
    """Give up, for good, what reading a file does not need; says which fences are up.

    "limits" (memory, no file is written, no core is dumped) hold everywhere; "network" is a
    network namespace without a way out, "files" is Landlock: only what belongs to Python can
    be opened. The last two need Linux and may be forbidden to a process in a container.
    `programs` leaves it to start the programs of the system (OCR).
    """
    _limit(resource.RLIMIT_AS, limits.memory)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, _FILES)
    fences = ["limits"]
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if _leave_network(libc):
            fences.append("network")
        if _leave_files(libc, programs=programs):
            fences.append("files")
    return tuple(fences)


def allow_cpu(seconds: int) -> None:
    """Let this process use so many seconds of a core from now; then SIGXCPU ends it."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _limit(resource.RLIMIT_CPU, ceil(usage.ru_utime + usage.ru_stime) + seconds, hard=False)


def _limit(which: int, value: int, *, hard: bool = True) -> None:
    _, most = resource.getrlimit(which)
    if most != resource.RLIM_INFINITY:
        value = min(value, most)
    try:
        resource.setrlimit(which, (value, value if hard else most))
    except (ValueError, OSError):  # systems that do not know this limit
        return


def _leave_network(libc: ctypes.CDLL) -> bool:
    """Move to a network namespace that has no interface; needs a process of one thread."""
    left: bool = libc.unshare(_NEWUSER | _NEWNET) == 0 or libc.unshare(_NEWNET) == 0
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES, 0)
    libc.capset(header, (ctypes.c_uint32 * 6)())  # what a new namespace lends, and root has
    return left


def _leave_files(libc: ctypes.CDLL, *, programs: bool) -> bool:
    """Let nothing be opened but what belongs to Python, and nothing be written at all."""
    abi = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if abi < 1 or libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    accesses = (1 << max(bits for version, bits in _ACCESSES.items() if version <= abi)) - 1
    if programs:
        accesses &= ~_EXECUTE
    tcp, scopes = 3, 3  # bind and connect; abstract sockets and signals to other processes
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    handled = (ctypes.c_uint64 * 3)(accesses, tcp, 0 if programs else scopes)
    ruleset = libc.syscall(_CREATE_RULESET, handled, ctypes.c_size_t(size), 0)
    if ruleset < 0:
        return False
    try:
        for folder, allowed in _readable(programs=programs):
            _allow(libc, ruleset, folder, allowed)
        return bool(libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, folder: str, allowed: int) -> None:
    try:
        opened = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        # struct landlock_path_beneath_attr is packed: 64 bits of accesses, 32 of a descriptor.
        rule = allowed.to_bytes(8, sys.byteorder) + opened.to_bytes(4, sys.byteorder)
        libc.syscall(_ADD_RULE, ruleset, 1, rule, 0)
    finally:
        os.close(opened)


def _readable(*, programs: bool) -> Sequence[tuple[str, int]]:
    """The folders whose files may still be opened for reading: modules are loaded from there.

    The folder in which the package `kb` stands may be listed only: a corpus may be beside it.
    """
    package = Path(kb.__path__[0])
    files = {str(package), "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"}
    files |= {sysconfig.get_path(n) for n in ("stdlib", "platstdlib", "purelib", "platlib")}
    if programs:
        files |= {"/usr", "/bin", "/opt", os.environ.get("TESSDATA_PREFIX") or "/usr"}
    return [
        *((folder, _READ_FILE | _READ_DIR) for folder in sorted(files)),
        (str(package.parent), _READ_DIR),
    ]
