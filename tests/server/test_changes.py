"""What is noted of each run, what the page, the API and the feed make of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as Xml

from fastapi.testclient import TestClient

from kb.assembly import KnowledgeBase, ingestion
from kb.changes import FILE, KEPT, Change, recent, record
from kb.domain import Rejection
from kb.server.app import create_app
from kb.settings import Settings
from tests.ingest.corpora import MAGNETS, PANEL, REPORT
from tests.server.wire import ADDRESS

ATOM = "{http://www.w3.org/2005/Atom}"


def test_each_run_that_changes_something_is_noted(tmp_path: Path) -> None:
    settings = replace(Settings(), corpus=tmp_path / "資料", index=tmp_path / "索引")
    settings.corpus.mkdir()
    (settings.corpus / "管理.md").write_text(REPORT, "utf-8")
    (settings.corpus / "空<b>.txt").write_text("", "utf-8")
    ingestion(settings).run()
    ingestion(settings).run()
    (settings.corpus / "磁石.md").write_text(MAGNETS, "utf-8")
    (settings.corpus / "管理.md").write_text(PANEL, "utf-8")
    second = ingestion(settings).run()
    (settings.corpus / "磁石.md").unlink()
    third = ingestion(settings).run()

    found = recent(settings.index)
    assert [change.removed for change in found] == [("磁石.md",), (), ()]
    assert [change.added for change in found] == [(), ("磁石.md",), ("管理.md",)]
    assert [change.updated for change in found] == [(), ("管理.md",), ()]
    assert [[r.path for r in change.rejected] for change in found] == [[], [], ["空<b>.txt"]]
    assert [change.generation for change in found][:2] == [third.generation, second.generation]
    assert not any(change.rebuilt for change in found)

    client = TestClient(create_app(KnowledgeBase(settings)), base_url=ADDRESS)
    said = client.get("/api/v1/changes").json()
    assert said["generation"] == third.generation
    assert [one["generation"] for one in said["changes"]] == [c.generation for c in found]
    assert said["changes"][2]["rejected"][0]["reason"] == "empty"
    page = client.get("/documents").text
    assert "削除: 磁石.md" in page and "空&lt;b&gt;.txt" in page and "<b>" not in page
    assert "閲覧専用" in page

    feed = Xml.fromstring(client.get("/changes.atom").content)
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}updated") for entry in entries] == [c.at for c in found]
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == 3
    assert entries[0].findtext(f"{ATOM}content") == "削除: 磁石.md"
    assert "空<b>.txt" in (entries[2].findtext(f"{ATOM}content") or "")


def test_a_run_has_a_page_that_says_what_it_meant(tmp_path: Path) -> None:
    settings = replace(Settings(), corpus=tmp_path / "資料", index=tmp_path / "索引")
    settings.corpus.mkdir()
    client = TestClient(create_app(KnowledgeBase(settings)), base_url=ADDRESS)
    assert "記録された変更はまだありません" in client.get("/changes").text
    assert client.get("/changes/g00000001").status_code == 404
    assert client.get("/changes.atom").status_code == 200
    (settings.corpus / "管理.md").write_text(REPORT, "utf-8")
    first = ingestion(settings).run().generation
    asked = client.post("/api/v1/ask", json={"question": "審査には何日かかるか。"}).json()
    cited = asked["citations"][0]["id"]
    text = (
        REPORT.replace("45日", "<60>日")
        + "\n2026年3月1日、商務部はタングステンを輸出禁止の対象にした。\n"
    )
    (settings.corpus / "管理.md").write_text(text, "utf-8")
    (settings.corpus / "空<b>.txt").write_text("", "utf-8")
    ingestion(settings).run()

    page = client.get("/changes").text
    assert f'<code class="detail">{cited}</code>' in page
    assert "<del>45</del>" in page and "<ins>&lt;60&gt;</ins>" in page
    assert "新しい行" in page and "タングステン" in page and "2026年3月1日" in page
    assert "空&lt;b&gt;.txt" in page and "<b>.txt" not in page
    earlier = client.get(f"/changes/{first}").text
    assert "追加" in earlier and cited not in earlier
    assert f'<a href="/changes/{first}" aria-current="page">' in earlier
    effects = client.get("/api/v1/changes").json()["changes"][0]["effects"]
    assert effects["citations"][0]["id"] == cited
    assert effects["counts"]["changed"] >= 1 and effects["counts"]["new_facts"] == 1
    entry = Xml.fromstring(client.get("/changes.atom").content).find(f"{ATOM}entry")
    assert entry is not None
    said = entry.findtext(f"{ATOM}content") or ""
    assert "<60>日" in said and "新しい行: 中国 タングステン" in said
    assert client.get("/changes", params={"lang": "en"}).text.count("New row") == 1
    link = entry.find(f"{ATOM}link")
    assert link is not None and client.get(link.attrib["href"]).status_code == 200


def test_only_the_last_runs_are_kept_and_damage_is_as_none(tmp_path: Path) -> None:
    for number in range(KEPT + 5):
        rejected = (Rejection("x.pdf", "encrypted", "it has a password"),)
        record(tmp_path, Change("2026", f"g{number}", False, ("a",), (), (), rejected, {}, 1))
    found = recent(tmp_path)
    assert [c.generation for c in found] == [f"g{n}" for n in range(KEPT + 4, 4, -1)]
    assert found[0].rejected == rejected
    for damage in ("", "[1]", '[{"at": 1}]', "{}"):
        (tmp_path / FILE).write_text(damage, "utf-8")
        assert recent(tmp_path) == ()
