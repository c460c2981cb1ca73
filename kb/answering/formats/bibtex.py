r"""BibTeX in UTF-8, as JabRef, Zotero, biber and BibTeX itself read it.

Braces inside a field must balance even where TeX would take them as letters, so they are
written as commands; `url` and `doi` are verbatim fields, in which nothing is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from kb.answering.formats.entry import Entry, Name, iso_date, remark

TYPES = {
    "article-journal": "article", "article-magazine": "article", "article-newspaper": "article",
    "article": "article", "book": "book", "chapter": "incollection",
    "entry-encyclopedia": "incollection", "paper-conference": "inproceedings",
    "report": "techreport", "thesis": "phdthesis", "manuscript": "unpublished",
    "standard": "techreport",
}  # fmt: skip
_CONTAINER = {"article": "journal", "incollection": "booktitle", "inproceedings": "booktitle"}
_BODY = {"techreport": "institution", "phdthesis": "school", "misc": "publisher"}
_ESCAPED = str.maketrans(
    {
        "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}",
        "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
        "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    }
)  # fmt: skip
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


def escaped(text: str) -> str:
    """A text so that TeX prints it as it is and braces balance."""
    return text.translate(_ESCAPED)


def bibtex(entries: Sequence[Entry]) -> str:
    """The entries as a BibTeX file."""
    return "\n".join(map(_record, entries))


def _record(entry: Entry) -> str:
    kind = TYPES.get(entry.type, "misc")
    fields: list[tuple[str, str]] = [("title", f"{{{escaped(entry.title)}}}")]
    if entry.authors:
        fields.insert(0, ("author", " and ".join(map(_name, entry.authors))))

    def add(field: str, value: str) -> None:
        if value and field not in dict(fields):
            fields.append((field, escaped(value)))

    container = entry.text("container-title")
    add(_CONTAINER.get(kind, "series"), container)
    add(_BODY.get(kind, "publisher"), entry.text("publisher"))
    if kind == "article" and not container:
        add("journal", entry.text("publisher"))  # which BibTeX asks for
    for field, name in (
        ("address", "publisher-place"), ("volume", "volume"), ("edition", "edition"),
        ("isbn", "ISBN"), ("issn", "ISSN"), ("language", "language"),
    ):  # fmt: skip
        add(field, entry.text(name))
    add("number", entry.text("issue") or entry.text("number"))
    add("pages", (entry.text("page") or entry.pages).replace("–", "--"))
    lines = [f"  {name} = {{{value}}}," for name, value in fields]
    if entry.issued:
        lines.append(f"  year = {{{entry.issued[0]:04d}}},")
        if len(entry.issued) > 1:
            lines.append(f"  month = {_MONTHS[entry.issued[1] - 1]},")
        lines.append(f"  date = {{{iso_date(entry.issued)}}},")
    for field, name in (("doi", "DOI"), ("url", "URL")):
        if entry.text(name):
            lines.append(f"  {field} = {{{_verbatim(entry.text(name))}}},")
    if entry.accessed is not None:
        lines.append(f"  urldate = {{{entry.accessed.isoformat()}}},")
    lines.append(f"  note = {{{escaped('; '.join(map(remark, entry.locators)))}}},")
    return f"@{kind}{{{entry.key},\n" + "\n".join(lines) + "\n}\n"


def _name(name: Name) -> str:
    """A body in braces of its own, so that no part of it is taken for a family name."""
    if name.literal:
        return f"{{{escaped(name.literal)}}}"
    return f"{_part(name.family)}, {_part(name.given)}"


def _part(text: str) -> str:
    """A part of a name, guarded where a comma or the word `and` would split it."""
    found = escaped(text)
    return f"{{{found}}}" if "," in text or " and " in f" {text.lower()} " else found


def _verbatim(address: str) -> str:
    return quote(address, safe="%/:?#[]@!$&'()*+,;=~-._")
