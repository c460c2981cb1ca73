"""What SQLite and the references between the tables of a store find wrong."""

from __future__ import annotations

import apsw

from kb.indexing import versions

_COUNTS = (
    ("passages without their document",
     "SELECT count(*) FROM passages WHERE document NOT IN (SELECT row FROM documents)"),
    ("passages without their vector",
     "SELECT count(*) FROM passages WHERE vector_key NOT IN (SELECT key FROM vectors)"),
    ("passages that reach past their document's text",
     "SELECT count(*) FROM passages p JOIN documents d ON d.row = p.document"
     " WHERE p.end > d.characters OR p.start >= p.end"),
    ("documents whose passages do not follow each other",
     "SELECT count(*) - count(DISTINCT document) FROM (SELECT document,"
     " LAG(document) OVER (ORDER BY row) AS before FROM passages) WHERE document IS NOT before"),
    ("aliases without their document",
     "SELECT count(*) FROM aliases WHERE document NOT IN (SELECT row FROM documents)"),
    ("aliases that are documents or rejected files too",
     "SELECT count(*) FROM aliases WHERE path IN"
     " (SELECT path FROM documents UNION SELECT path FROM rejected)"),
    ("sketches without their document",
     "SELECT count(*) FROM sketches WHERE document NOT IN (SELECT row FROM documents)"),
    ("near-duplicates without their document",
     "SELECT count(*) FROM near_duplicates WHERE a NOT IN (SELECT row FROM documents)"
     " OR b NOT IN (SELECT row FROM documents) OR a = b"),
    ("near-duplicates that are not linked both ways",
     "SELECT count(*) FROM near_duplicates n WHERE NOT EXISTS (SELECT 1 FROM near_duplicates m"
     " WHERE m.a = n.b AND m.b = n.a AND m.similarity = n.similarity)"),
    ("texts of versions that no version has",
     "SELECT count(*) FROM version_texts WHERE key NOT IN (SELECT text FROM versions)"),
)  # fmt: skip


def errors(db: apsw.Connection) -> list[str]:
    """One line for each kind of damage; none when all is well."""
    found = [str(r[0]) for r in db.execute("PRAGMA integrity_check") if r[0] != "ok"]
    for what, query in _COUNTS:
        ((count,),) = db.execute(query)
        if count:
            found.append(f"{count} {what}")
    return found + versions.errors(db)
