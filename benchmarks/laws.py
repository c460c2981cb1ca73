"""A collection of any size made of Japanese laws: one Markdown file a law, its articles below.

    python -m benchmarks.laws DIR --articles 72000 [--copies 1]

Reads `../shared/datasets/law.articles.jsonl.gz`, which is not shipped. Copies of a law have other
numbers (each digit moved on by the number of the copy) and another title, so that they are other
documents with the words of real ones.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LAWS = Path(__file__).parents[1] / ".." / "shared" / "datasets" / "law.articles.jsonl.gz"
_DIVISION = re.compile(r"第.{1,9}[編章節款目]")
_DIGITS = "〇一二三四五六七八九"


def main() -> None:
    """Write the files and say how many."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--articles", type=int, default=72_000)
    parser.add_argument("--copies", type=int, default=1)
    options = parser.parse_args()
    print(write_laws(options.directory, options.articles, options.copies), "files")


def write_laws(directory: Path, articles: int, copies: int = 1) -> int:
    """Write laws with `articles` articles in all, and copies of them; gives the files' number."""
    directory.mkdir(parents=True, exist_ok=True)
    count = 0
    for copy in range(copies):
        for title, text in laws(articles):
            count += 1
            content = moved(f"# {title}\n\n{text}", copy)
            (directory / f"law{count:06d}.md").write_text(content, encoding="utf-8")
    return count


def write_parts(
    directory: Path, articles: int, *, each: int = 10, copies: int = 1
) -> tuple[int, int]:
    """Write laws as plain text, a file for `each` articles of one law: files and characters.

    Such a file has the size of a short report, some 3,000 characters; all 196,660 articles make
    some 23,000 files.
    """
    directory.mkdir(parents=True, exist_ok=True)
    count = characters = 0
    for copy in range(copies):
        with gzip.open(LAWS, "rt", encoding="utf-8") as stream:
            rows = itertools.islice(map(json.loads, stream), articles)
            for title, own in itertools.groupby(rows, key=lambda row: str(row["title"])):
                while part := list(itertools.islice(own, each)):
                    text = moved("\n\n".join([title, *map(_plain, part)]) + "\n", copy)
                    count += 1
                    characters += len(text)
                    (directory / f"law{count:06d}.txt").write_text(text, encoding="utf-8")
    return count, characters


def _plain(row: dict[str, Any]) -> str:
    caption = f" {row['headings'][-1]}" if row["headings"] else ""
    return f"{row['article']}{caption}\n\n{row['text']}"


def write_cropped(directory: Path, count: int, longest: int) -> None:
    """Write `count` articles, each cut at `longest` characters under a heading of its own, a
    Markdown file for a law; when the laws are used up, copies with other numbers follow.
    """
    directory.mkdir(parents=True, exist_ok=True)
    files, left, copy = 0, count, 0
    while left:
        with gzip.open(LAWS, "rt", encoding="utf-8") as stream:
            rows = itertools.islice(map(json.loads, stream), left)
            for title, own in itertools.groupby(rows, key=lambda row: str(row["title"])):
                lines = [f"# {title}\n"]
                for row in own:
                    lines += _lines(iter([{**row, "text": row["text"][:longest]}]))
                    left -= 1
                files += 1
                text = moved("\n".join(lines), copy)
                (directory / f"law{files:06d}.md").write_text(text, encoding="utf-8")
        copy += 1


def laws(articles: int) -> Iterator[tuple[str, str]]:
    """Titles and Markdown of the laws in the order of the file, until `articles` are taken."""
    with gzip.open(LAWS, "rt", encoding="utf-8") as stream:
        rows = itertools.islice(map(json.loads, stream), articles)
        for title, own in itertools.groupby(rows, key=lambda row: str(row["title"])):
            yield title, "\n".join(_lines(own))


def _lines(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    """Headings of divisions where they begin, and articles under a heading with their caption."""
    open_now: list[str] = []
    for row in rows:
        path = list(row["headings"])
        caption = path.pop() if path and not _DIVISION.match(path[-1]) else ""
        for depth, name in enumerate(path):
            if open_now[: depth + 1] != path[: depth + 1]:
                yield f"{'#' * min(5, 2 + depth)} {name}\n"
        open_now = path
        name = f"{row['article']}（{caption}）" if caption else row["article"]
        yield f"{'#' * min(6, 2 + len(path))} {name}\n"
        yield row["text"].replace("\n", "\n\n") + "\n"


def moved(text: str, by: int) -> str:
    """Digits and numerals one to nine moved on, so that a copy states other numbers."""
    if not by:
        return text
    text = re.sub(r"[0-9]", lambda m: str((int(m[0]) + by) % 10), text)
    return re.sub(f"[{_DIGITS}]", lambda m: _DIGITS[(_DIGITS.index(m[0]) + by) % 10], text)


if __name__ == "__main__":
    main()
