"""Every setting is documented once, and a bad one stops the start with its name and an example."""

from dataclasses import fields
from pathlib import Path

import pytest

from feedback_app.config import (
    SettingError,
    Settings,
    base_url_left,
    read_settings,
    require_public_settings,
)

REFERENCE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "settings.md"
BAD = {
    "FEEDBACK_DATABASE_URL": "mysql://db/feedback",
    "FEEDBACK_BASE_URL": "feedback.example.org",
    "FEEDBACK_SMTP_URL": "smtp.example.org",
    "FEEDBACK_QUEUE_URL": "amqp://queue",
    "FEEDBACK_RATELIMIT_URL": "file:///tmp/limits",
    "FEEDBACK_TIME_ZONE": "Mars/Olympus",
    "FEEDBACK_TRUSTED_PROXIES": "-1",
    "FEEDBACK_API_RATE": "many",
    "FEEDBACK_MAIL_REPORT_DAYS": "30",
    "FEEDBACK_DEMO": "perhaps",
}


def test_every_setting_is_documented_with_its_default_and_example() -> None:
    text = REFERENCE.read_text()
    missing = [f.metadata["env"] for f in fields(Settings) if f"`{f.metadata['env']}`" not in text]
    assert missing == []


def test_the_page_documents_no_setting_that_is_not_there() -> None:
    import re

    known = {f.metadata["env"] for f in fields(Settings)}
    assert set(re.findall(r"`(FEEDBACK_[A-Z_]+)`", REFERENCE.read_text())) - known == set()


@pytest.mark.parametrize(("name", "value"), BAD.items())
def test_a_bad_value_is_named_with_a_good_example(name: str, value: str, tmp_path: Path) -> None:
    example = next(f.metadata["example"] for f in fields(Settings) if f.metadata["env"] == name)
    with pytest.raises(SettingError) as raised:
        read_settings({"FEEDBACK_INSTANCE": str(tmp_path), name: value})
    assert name in str(raised.value)
    assert example in str(raised.value)


def test_a_bad_url_with_a_password_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(SettingError) as raised:
        read_settings(
            {"FEEDBACK_INSTANCE": str(tmp_path), "FEEDBACK_SMTP_URL": "mail://me:hunter2@example.org"}
        )
    assert "hunter2" not in str(raised.value)


def test_an_empty_folder_gets_a_secret_that_the_next_start_finds(tmp_path: Path) -> None:
    first = read_settings({"FEEDBACK_INSTANCE": str(tmp_path)})
    second = read_settings({"FEEDBACK_INSTANCE": str(tmp_path)})
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) == 64
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_links_are_the_demo_s_while_one_runs_on_the_folder_unless_told_otherwise(tmp_path: Path) -> None:
    told = {"FEEDBACK_INSTANCE": str(tmp_path)}
    with base_url_left(read_settings(told | {"FEEDBACK_BASE_URL": "http://127.0.0.1:8261"})):
        assert read_settings(told).base_url == "http://127.0.0.1:8261"
        assert (
            read_settings(told | {"FEEDBACK_BASE_URL": "https://x.example"}).base_url == "https://x.example"
        )
    assert read_settings(told).base_url == "http://127.0.0.1:8000"


def test_a_short_secret_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="shorter than 32"):
        read_settings({"FEEDBACK_INSTANCE": str(tmp_path), "FEEDBACK_SECRET_KEY": "changeme"})


@pytest.mark.parametrize("left_out", ["FEEDBACK_SECRET_KEY", "FEEDBACK_BASE_URL"])
def test_postgresql_wants_secret_and_base_url(left_out: str, tmp_path: Path) -> None:
    given = {
        "FEEDBACK_INSTANCE": str(tmp_path),
        "FEEDBACK_DATABASE_URL": "postgresql://db.example.org/feedback",
        "FEEDBACK_SECRET_KEY": "x" * 64,
        "FEEDBACK_BASE_URL": "https://feedback.example.org",
    }
    assert read_settings(given).database_url == "postgresql+psycopg://db.example.org/feedback"
    del given[left_out]
    with pytest.raises(SettingError, match=left_out):
        read_settings(given)


def test_listening_beyond_loopback_wants_secret_and_base_url() -> None:
    with pytest.raises(SettingError, match="FEEDBACK_BASE_URL"):
        require_public_settings({"FEEDBACK_SECRET_KEY": "x" * 64})


def test_older_keys_are_accepted_but_the_first_signs(tmp_path: Path) -> None:
    settings = read_settings(
        {"FEEDBACK_INSTANCE": str(tmp_path), "FEEDBACK_SECRET_KEY": f"{'n' * 40}, {'o' * 40}"}
    )
    assert settings.secret_keys == ["o" * 40, "n" * 40]
