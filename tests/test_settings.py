"""Settings from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.settings import Settings, from_environment


def test_an_empty_environment_gives_the_defaults() -> None:
    settings = from_environment({"PATH": "/bin", "HOME": "/root"})
    assert settings == Settings()
    assert (settings.corpus, settings.index) == (Path("corpus"), Path("index"))
    assert settings.encoder == "bundled"


@pytest.mark.parametrize(
    ("variable", "raw", "field", "expected"),
    [
        ("KIDO_CORPUS", "/資料", "corpus", Path("/資料")),
        ("KIDO_INDEX", "索引", "index", Path("索引")),
        ("KIDO_ENCODER", "cl-nagoya/ruri-v3-30m", "encoder", "cl-nagoya/ruri-v3-30m"),
        ("KIDO_QUERY_PREFIX", "検索クエリ: ", "query_prefix", "検索クエリ: "),
        ("KIDO_PASSAGE_PREFIX", "", "passage_prefix", ""),
        ("KIDO_MAX_FILE_BYTES", "1048576", "max_file_bytes", 1048576),
        ("KIDO_MAX_READING_SECONDS", "60", "max_reading_seconds", 60),
        ("KIDO_MAX_READING_BYTES", "2147483648", "max_reading_bytes", 1 << 31),
        ("KIDO_MAX_QUESTION_CHARACTERS", "50", "max_question_characters", 50),
        ("KIDO_MAX_RESULTS", "7", "max_results", 7),
        ("KIDO_KEEP_VERSIONS", "3", "keep_versions", 3),
        ("KIDO_ALLOWED_HOSTS", "kido.example,kido", "allowed_hosts", "kido.example,kido"),
        ("KIDO_MODEL_URL", "http://127.0.0.1:1/v1", "model_url", "http://127.0.0.1:1/v1"),
        ("KIDO_MODEL", "qwen3:8b", "model", "qwen3:8b"),
        ("KIDO_MODEL_KEY", "hush", "model_key", "hush"),
        ("KIDO_MODEL_TIMEOUT", "5", "model_timeout", 5),
        ("KIDO_MODEL_CALLS", "2", "model_calls", 2),
        ("KIDO_MODEL_PROXY", "http://127.0.0.1:2", "model_proxy", "http://127.0.0.1:2"),
        ("KIDO_MODEL_PLAIN_HTTP", "1", "model_plain_http", 1),
    ],
)
def test_each_field_is_read_from_its_variable(
    variable: str, raw: str, field: str, expected: object
) -> None:
    assert getattr(from_environment({variable: raw}), field) == expected


@pytest.mark.parametrize("raw", ["", "many", "-1", "1.5", "1e6", "0x10", " 5", "²"])
def test_a_number_that_is_none_is_refused_by_name(raw: str) -> None:
    with pytest.raises(ValueError, match="KIDO_MAX_RESULTS") as caught:
        from_environment({"KIDO_MAX_RESULTS": raw})
    assert str(caught.value) == f"KIDO_MAX_RESULTS is {raw!r}: give a whole number, or unset it"


def test_the_process_environment_is_read_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIDO_MAX_RESULTS", "3")
    assert from_environment().max_results == 3
