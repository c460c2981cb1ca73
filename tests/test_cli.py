"""The `kb` command as people and programs call it: output, exit codes, one-line errors."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kb.indexing.generation import open_current, writer_lock
from tests.ingest.corpora import MAGNETS, PANEL, REPORT
from tests.reading.pdfs import encrypted, lines, pdf

ROOT = Path(__file__).parents[1]
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("KIDO_")}


COMMANDS = ("ingest", "serve", "search", "ask", "facts", "eval", "status", "check")


def kb(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kb.cli", *map(str, arguments)],
        cwd=ROOT, env={**ENVIRONMENT, **environment}, capture_output=True, text=True,
        encoding="utf-8",
    )  # fmt: skip


def result(*arguments: object) -> Any:
    """What a command prints as JSON; nothing else may be printed."""
    ran = kb(*arguments, "--json")
    assert (ran.returncode, ran.stderr) == (0, "")
    return json.loads(ran.stdout)


def refusal(ran: subprocess.CompletedProcess[str]) -> str:
    """The one line of a command that could not be done."""
    assert ran.returncode == 2
    assert ran.stdout == ""
    (line,) = ran.stderr.splitlines()
    assert line.startswith("kb: ")
    return line


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = tmp_path / "報告 集"
    folder.mkdir()
    (folder / "輸出管理.md").write_text(REPORT, encoding="utf-8")
    (folder / "磁石.md").write_text(MAGNETS, encoding="utf-8")
    return folder


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "索引"


def test_ingest_prints_a_table_of_what_it_did(reports: Path, index: Path) -> None:
    (reports / "空.md").touch()
    first = kb("ingest", reports, "--index", index)
    assert (first.returncode, first.stderr) == (0, "")
    assert "generation g00000001" in first.stdout
    rows = [line for line in first.stdout.splitlines() if line.startswith("│")]
    for name, what in (("輸出管理.md", "added"), ("磁石.md", "added"), ("空.md", "rejected")):
        assert any(name in row and what in row for row in rows)
    assert "empty: it is empty" in first.stdout
    assert "2 added, 0 updated, 0 unchanged, 0 removed, 1 rejected;" in first.stdout

    (reports / "輸出管理.md").write_text(PANEL, encoding="utf-8")
    (reports / "磁石.md").unlink()
    second = kb("ingest", reports, "--index", index)
    assert "0 added, 1 updated, 0 unchanged, 1 removed, 1 rejected;" in second.stdout
    assert "in g00000002" in second.stdout

    third = kb("ingest", reports, "--index", index)
    assert "0 added, 0 updated, 1 unchanged, 0 removed, 1 rejected;" in third.stdout
    assert "in g00000002" in third.stdout


def test_a_long_run_names_what_was_rejected_and_counts_the_rest(reports: Path, index: Path) -> None:
    for number in range(101):
        text = f"# 報告{number}\n\n{number}年の輸出割当は{number}トンであった。\n"
        (reports / f"報告{number}.md").write_text(text, encoding="utf-8")
    (reports / "終.md").touch()
    ran = kb("ingest", reports, "--index", index)
    rows = [line.split("│")[1].strip() for line in ran.stdout.splitlines() if line[0] == "│"]
    assert (rows.count("added"), rows.count("…"), rows.count("rejected")) == (100, 1, 1)
    assert "3 more" in ran.stdout
    assert "103 added" in ran.stdout


def test_ingest_as_json_has_the_whole_report(reports: Path, index: Path) -> None:
    (reports / "表.xlsx").write_bytes(b"PK")
    report = result("ingest", reports, "--index", index)
    assert report.pop("seconds") > 0
    assert report.pop("passages") > 0
    (rejection,) = report.pop("rejected")
    assert (rejection["path"], rejection["reason"]) == ("表.xlsx", "unknown_suffix")
    assert report == {
        "generation": "g00000001", "added": ["磁石.md", "輸出管理.md"], "updated": [],
        "unchanged": [], "removed": [], "warnings": {}, "duplicates": {},
    }  # fmt: skip


def test_passwords_come_from_a_file(reports: Path, index: Path, tmp_path: Path) -> None:
    page = pdf([lines(PANEL.splitlines()[2:])])
    (reports / "秘.pdf").write_bytes(encrypted(page, user="鍵 one"))
    (rejection,) = result("ingest", reports, "--index", index)["rejected"]
    assert "--passwords FILE" in rejection["message"]
    passwords = tmp_path / "passwords.txt"
    passwords.write_text("other\n鍵 one\n", encoding="utf-8")
    opened = kb("ingest", reports, "--index", index, "--passwords", passwords)
    assert "1 added, 0 updated" in opened.stdout
    shown = tmp_path / "秘.html"
    ran = kb("inspect", reports / "秘.pdf", "--passwords", passwords, "--html", shown)
    assert (ran.returncode, "<svg" in shown.read_text(encoding="utf-8")) == (0, True)
    missing = kb("ingest", reports, "--index", index, "--passwords", tmp_path / "none.txt")
    assert (missing.returncode, "one password a line" in missing.stderr) == (2, True)


def test_words_of_one_s_own_are_found_and_their_errors_named(
    reports: Path, index: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own.txt"
    own.write_text("[company]\nours | 当社鉱山 | Our Mine |\n", encoding="utf-8")
    (reports / "鉱山.md").write_text(
        "# 記録\n\n当社鉱山は二年前に掘り始めた。\n" * 3, encoding="utf-8"
    )
    environment = {"KIDO_GLOSSARY": str(own)}
    assert kb("ingest", reports, "--index", index, **environment).returncode == 0
    ran = kb("search", "Our Mine", "--index", index, "--limit", "1", **environment)
    assert "当社鉱山" in ran.stdout
    other = kb("search", "Our Mine", "--index", index)
    assert (other.returncode, "KIDO_GLOSSARY" in other.stderr) == (2, True)
    own.write_text("[company]\nours | 当社鉱山\n", encoding="utf-8")
    wrong = kb("ingest", reports, "--index", index, **environment)
    assert (wrong.returncode, f"{own}, line 2" in wrong.stderr) == (2, True)


def test_strict_makes_a_rejected_file_exit_3_after_the_work_is_done(
    reports: Path, index: Path
) -> None:
    assert kb("ingest", reports, "--index", index, "--strict").returncode == 0
    (reports / "空.md").touch()
    ran = kb("ingest", reports, "--index", index, "--strict")
    assert ran.returncode == 3
    assert "1 rejected" in ran.stdout
    assert open_current(index).name == "g00000002"


def test_progress_goes_to_a_terminal_on_stderr_and_results_to_stdout(
    reports: Path, index: Path
) -> None:
    ours, theirs = pty.openpty()
    ran = subprocess.run(
        [sys.executable, "-m", "kb.cli", "ingest", str(reports), "--index", str(index), "--json"],
        cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=theirs, text=True,
    )  # fmt: skip
    os.close(theirs)
    seen = os.read(ours, 65536).decode()
    os.close(ours)
    assert ran.returncode == 0
    assert "0 of 2 files  磁石.md" in seen
    assert "2 files prepared in" in seen
    assert len(json.loads(ran.stdout)["added"]) == 2


@pytest.mark.parametrize(
    "command", [["search", "磁石"], ["ask", "磁石とは"], ["status"], ["check"], ["serve"]]
)
def test_no_index_is_one_line_that_says_what_to_do(tmp_path: Path, command: list[str]) -> None:
    line = refusal(kb(*command, "--index", tmp_path / "無"))
    assert f"there is no index in {tmp_path / '無'}: run `kb ingest CORPUS" in line


def test_a_corpus_that_is_no_folder_is_one_line(tmp_path: Path, index: Path) -> None:
    line = refusal(kb("ingest", tmp_path / "無い", "--index", index))
    assert "無い is not a folder: give the folder of the reports (kb ingest FOLDER)" in line


def test_a_locked_index_is_one_line(reports: Path, index: Path) -> None:
    with writer_lock(index):
        line = refusal(kb("ingest", reports, "--index", index))
    assert "is being written by another process; wait until it is done" in line


def test_a_broken_library_is_one_line(reports: Path, index: Path) -> None:
    (reports / "library.json").write_text("{")
    assert "library.json is not valid JSON" in refusal(kb("ingest", reports, "--index", index))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["search", "磁石", "--limit", "0"], "--limit"),
        (["search", "磁石", "--limit", "101"], "--limit"),
        (["search", "磁石", "--limit", "many"], "--limit"),
        (["serve", "--port", "70000"], "--port"),
        (["search", "磁石", "--colour"], "No such option"),
        (["search"], "Missing argument"),
        (["frobnicate"], "No such command"),
    ],
)
def test_a_bad_option_is_one_line(arguments: list[str], said: str) -> None:
    line = refusal(kb(*arguments))
    assert said in line
    assert line.endswith("See `kb --help`.")


def test_a_bad_setting_is_one_line(tmp_path: Path) -> None:
    line = refusal(kb("search", "磁石", "--index", tmp_path, KIDO_MAX_RESULTS="many"))
    assert "KIDO_MAX_RESULTS is 'many': give a whole number, or unset it" in line


def test_an_encoder_that_cannot_be_loaded_is_one_line(corpus_index: Path, tmp_path: Path) -> None:
    (tmp_path / "encoder.json").write_text("{}")
    line = refusal(kb("search", "磁石", "--index", corpus_index, "--encoder", tmp_path))
    assert str(tmp_path) in line


@pytest.mark.parametrize("query", ["", "？！", "あ" * 1001])
def test_a_query_that_cannot_be_answered_is_one_line(corpus_index: Path, query: str) -> None:
    assert "the question" in refusal(kb("search", query, "--index", corpus_index))


def test_search_prints_ranks_scores_and_places(corpus_index: Path) -> None:
    ran = kb("search", "重希土類の輸出許可", "--index", corpus_index, "--limit", "3")
    assert (ran.returncode, ran.stderr) == (0, "")
    heads = [line for line in ran.stdout.splitlines() if line[:2].strip().isdigit()]
    assert [head.split()[0] for head in heads] == ["1", "2", "3"]
    assert all(" › " in head for head in heads)


def test_search_explains_its_scores(corpus_index: Path) -> None:
    ran = kb("search", "稀土の輸出許可", "--index", corpus_index, "--limit", "1", "--explain")
    parts = ran.stdout.splitlines()[1].split()
    assert {"lexical", "concept", "dense", "coverage", "sentence"} <= set(parts)


def test_search_as_json_has_the_fields_of_a_hit(corpus_index: Path) -> None:
    results = result("search", " 重希土類の　輸出許可", "--index", corpus_index, "--limit", 4)
    assert results["query"] == "重希土類の 輸出許可"
    assert results["generation"] == "g00000001"
    assert results["facets"].keys() == {
        "publisher", "year", "topic", "country", "mineral", "instrument"
    }  # fmt: skip
    assert len(results["hits"]) == 4
    for hit in results["hits"]:
        assert 0 <= hit["score"] <= 1
        assert hit["scores"].keys() >= {"lexical", "compound", "bigram", "dense"}
        assert hit["text"]
        assert hit["passage"].keys() >= {
            "id", "document_id", "start", "end", "heading_path", "first_page", "last_page",
        }  # fmt: skip
        assert all(0 <= a < b <= len(hit["text"]) for a, b in hit["highlights"])


def test_ask_prints_the_answer_and_where_it_stands(corpus_index: Path) -> None:
    ran = kb(
        "ask", "2025年4月に輸出許可の対象になった中重希土類は何元素か", "--index", corpus_index
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    answer, _, sources = ran.stdout.partition("\n\n")
    assert answer.endswith("]")
    assert "[1]" in answer
    assert sources.startswith("[1] ")


def test_ask_as_json_has_the_fields_of_an_answer(corpus_index: Path) -> None:
    answer = result(
        "ask", "2025年4月に輸出許可の対象になった中重希土類は何元素か", "--index", corpus_index
    )
    assert answer["outcome"] == "answered"
    assert answer["text"].startswith(answer["statements"][0]["text"])
    assert [c["number"] for c in answer["citations"]] == [
        number for statement in answer["statements"] for number in statement["citations"]
    ]
    for statement, citation in zip(answer["statements"], answer["citations"], strict=True):
        assert statement["text"] == citation["quote"]
        assert citation["end"] - citation["start"] == len(citation["quote"])
    assert answer.keys() >= {"question", "generation", "disagreements", "related"}


def test_ask_says_when_there_is_no_evidence(corpus_index: Path) -> None:
    ran = kb("ask", "源氏物語の作者は誰ですか", "--index", corpus_index)
    assert ran.returncode == 0
    assert ran.stdout == "収録資料に根拠が見つかりませんでした (no evidence in the collection).\n"


def test_status_says_what_the_index_holds(corpus_index: Path) -> None:
    values = result("status", "--index", corpus_index)
    assert values["generation"] == "g00000001"
    assert values["documents"] > 10
    assert values["passages"] > 100
    assert values["bytes"] > 100_000
    assert values["corpus"] == str(ROOT / "corpus")
    ran = kb("status", "--index", corpus_index)
    lines = dict(line.split(maxsplit=1) for line in ran.stdout.splitlines())
    assert lines == {name: str(value) for name, value in values.items()}


def test_check_finds_nothing_wrong_with_a_good_index(corpus_index: Path) -> None:
    assert kb("check", "--index", corpus_index).stdout == "the index is consistent\n"
    assert result("check", "--index", corpus_index) == {"ok": True, "errors": []}


@pytest.mark.parametrize(
    "name", ["store.sqlite", "vectors.faiss", "postings/meta.json", "manifest.json"]
)
def test_check_names_the_damaged_file_and_exits_1(
    corpus_index: Path, tmp_path: Path, name: str
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(corpus_index, copy)
    path = open_current(copy).directory / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    ran = kb("check", "--index", copy)
    assert ran.returncode == 1
    assert str(path) in ran.stdout
    as_json = kb("check", "--index", copy, "--json")
    assert as_json.returncode == 1
    assert json.loads(as_json.stdout)["ok"] is False
    assert str(path) in refusal(kb("search", "磁石", "--index", copy))


def test_eval_prints_figures(corpus_index: Path, tmp_path: Path) -> None:
    (hit,) = result("search", "重希土類の輸出許可", "--index", corpus_index, "--limit", 1)["hits"]
    questions = [
        {"id": 1, "question": "重希土類の輸出許可", "answerable": True, "kind": "fact",
         "evidence": [{"document": "", "quote": hit["text"]}]},
        {"id": 2, "question": "源氏物語の作者は誰ですか", "answerable": False, "evidence": []},
    ]  # fmt: skip
    path = tmp_path / "質問.jsonl"
    path.write_text("\n".join(json.dumps(q, ensure_ascii=False) for q in questions))
    rows = result("eval", path, "--index", corpus_index)
    assert rows["search/all"] == {"n": 1, "R@1": 1, "R@5": 1, "R@10": 1, "MRR@10": 1}
    assert rows["ask"]["refused"] == 1
    ran = kb("eval", path, "--index", corpus_index)
    assert "search/fact" in ran.stdout
    assert "R@1 1.0" in ran.stdout


def test_eval_of_a_wrong_file_is_one_line(corpus_index: Path, tmp_path: Path) -> None:
    path = tmp_path / "質問.jsonl"
    assert f"{path} cannot be read" in refusal(kb("eval", path, "--index", corpus_index))
    path.write_text("{}\n")
    assert f"{path}, line 1" in refusal(kb("eval", path, "--index", corpus_index))


def test_help_lists_the_commands_and_exits_0() -> None:
    ran = kb("--help")
    assert ran.returncode == 0
    assert all(name in ran.stdout for name in COMMANDS)


def test_a_citation_is_written_for_other_programs(corpus_index: Path) -> None:
    at = ("--index", str(corpus_index))
    ran = kb("ask", "停止された2025年10月の措置の期限はいつか。", "--json", *at)
    ids = [citation["id"] for citation in json.loads(ran.stdout)["citations"]]
    written = kb("cite", *ids, "--format", "ris", "--accessed", "2026-11-25", *at).stdout
    assert written.startswith("TY  - ")
    assert "Y2  - 2026/11/25/" in written
    footnotes = kb("cite", *ids, "--style", "chicago", *at).stdout
    assert footnotes.count("\n") == len(ids)
    assert "no format 'doc'" in refusal(kb("cite", *ids, "--format", "doc", *at))
    assert "--accessed is 'x'" in refusal(kb("cite", *ids, "--accessed", "x", *at))
    assert "is not a citation id" in refusal(kb("cite", "x", *at))


def test_quotations_are_checked(corpus_index: Path, tmp_path: Path) -> None:
    at = ("--index", str(corpus_index))
    ran = kb("ask", "停止された2025年10月の措置の期限はいつか。", "--json", *at)
    quote = json.loads(ran.stdout)["citations"][0]["quote"]
    good = kb("verify", "--quote", quote, *at)
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.startswith("exact ") and "1 of 1 quotations stand" in good.stdout
    paper = tmp_path / "原稿.txt"
    paper.write_text(f"報告は「{quote}」と「どこにもない文である」を書く。", encoding="utf-8")
    bad = kb("verify", paper, "--json", *at)
    assert bad.returncode == 1
    assert [one["found"]["verdict"] for one in json.loads(bad.stdout)] == ["exact", "not_found"]
    assert "give either a manuscript or --quote" in refusal(kb("verify", *at))
    assert "cannot be read" in refusal(kb("verify", tmp_path / "無.txt", *at))
