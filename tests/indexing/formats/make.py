"""Makes the index of the present format that tests keep: `python -m tests.indexing.formats.make`.

To be run when INDEX_FORMAT, STORE_FORMAT or LEDGER_FORMAT has changed, before a release: the
archive is named by the three, and those of earlier formats stay as they are. Those without a ledger
were made of the same text by `kb ingest` of the commits that had these formats.
"""

from __future__ import annotations

import tarfile
import tempfile
from dataclasses import replace
from pathlib import Path

from kb.assembly import KnowledgeBase
from kb.indexing.generation import INDEX_FORMAT
from kb.indexing.ledger import LEDGER_FORMAT
from kb.indexing.schema import STORE_FORMAT
from kb.ingesting import ingestion
from kb.settings import Settings

HERE = Path(__file__).parent
TEXT = """# 備蓄の手引

備蓄の目標は60日分である。目標は毎年4月に見直される。
"""
QUESTION = "備蓄の目標は何日分か。"


def main() -> None:
    """Index one short report, cite it, and archive the folder of the index."""
    name = f"index-{INDEX_FORMAT}-store-{STORE_FORMAT}-ledger-{LEDGER_FORMAT}.tar.xz"
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(Settings(), corpus=Path(folder) / "corpus", index=Path(folder) / "index")
        settings.corpus.mkdir()
        (settings.corpus / "reserve.md").write_text(TEXT, encoding="utf-8")
        ingestion(settings).run()
        with KnowledgeBase(settings).view() as view:
            view.ask(QUESTION)
        with tarfile.open(HERE / name, "w:xz") as archive:
            archive.add(settings.index, "index")
    print(HERE / name)


if __name__ == "__main__":
    main()
