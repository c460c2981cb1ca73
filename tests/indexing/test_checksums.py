"""Checksums of files, block by block."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from kb.indexing import checksums

BLOCK = 4 << 20


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK + 7])
def test_a_checksum_is_that_of_the_checksums_of_the_blocks(tmp_path: Path, size: int) -> None:
    data = b"0123456789" * (size // 10 + 1)
    data = data[:size]
    path = tmp_path / "file"
    path.write_bytes(data)
    blocks = [data[at : at + BLOCK] for at in range(0, max(1, size), BLOCK)]
    whole = b"".join(hashlib.sha256(block).digest() for block in blocks)
    assert checksums.digest(path) == hashlib.sha256(whole).hexdigest()


def test_files_that_differ_in_one_bit_or_in_length_have_other_checksums(tmp_path: Path) -> None:
    whole = bytes(2 * BLOCK + 5)
    turned = bytearray(whole)
    turned[BLOCK + 3] ^= 4
    paths = [tmp_path / str(n) for n in range(5)]
    for path, data in zip(
        paths, (whole, bytes(turned), whole[:-1], whole[:BLOCK], whole), strict=True
    ):
        path.write_bytes(data)
    found = checksums.digests(paths)
    assert found[0] == found[4]
    assert len(set(found)) == 4
