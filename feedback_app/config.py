"""Every setting: environment name, type, default and one line of meaning.

Settings come from the environment and are read once, at the start. A bad value stops the start with its
name and an example (`SettingError`). `docs/reference/settings.md` is checked against this file.
"""

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from platformdirs import user_data_path

PROJECT = Path(__file__).resolve().parent.parent
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
SHORTEST_SECRET = 32
BASE_URL_FILE = "base_url"  # in the instance folder, as long as a demo runs there
SHORTEST_REPORT_DAYS = 31  # soft bounces of a month count together, see deliveries/forgetting.py


class SettingError(Exception):
    """A setting that the program cannot start with; the message names it and shows a good value."""


def _text(value: str) -> str:
    return value


def _count(value: str) -> int:
    number = int(value)
    if number < 0:
        raise ValueError
    return number


def _days_of_reports(value: str) -> int:
    days = _count(value)
    if 0 < days < SHORTEST_REPORT_DAYS:
        raise ValueError
    return days


def _switch(value: str) -> bool:
    return {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
    }[value.strip().lower()]


def _zone(value: str) -> str:
    ZoneInfo(value)
    return value


def _folder(value: str) -> Path:
    return Path(value).expanduser().resolve()


def _url(*schemes: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if urlsplit(value).scheme not in schemes:
            raise ValueError
        return value

    return read


def _smtp_url(value: str) -> str:
    from feedback_app.mail.smtp_settings import server_from

    server_from(value)
    return value


def _mail_rates(value: str) -> str:
    from feedback_app.mail.rates import rates_from

    rates_from(value)
    return value


def _networks(value: str) -> str:
    from feedback_app.webhooks.targets import networks_from

    networks_from(value)
    return value


def _mailbox_url(value: str) -> str:
    from feedback_app.deliveries.mailboxes import mailbox_address

    mailbox_address(value)
    return value


def _base_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError
    return value.rstrip("/")


def _database_url(value: str) -> str:
    if value.startswith("postgresql://"):
        value = "postgresql+psycopg://" + value.removeprefix("postgresql://")
    if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError
    return value


def setting(name: str, read: Callable[[str], Any], default: Any, meaning: str, example: str) -> Any:
    """A dataclass field that is read from the environment variable `name`."""
    return field(
        default=default, metadata={"env": name, "read": read, "meaning": meaning, "example": example}
    )


@dataclass(frozen=True)
class Settings:
    """What this installation was told. Build it with `read_settings`."""

    instance: Path = setting(
        "FEEDBACK_INSTANCE",
        _folder,
        None,
        "Folder of the embedded database, the secret and the mail catcher; "
        "`instance/` of a checkout, else the user's data folder.",
        "/var/lib/feedback",
    )
    database_url: str = setting(
        "FEEDBACK_DATABASE_URL",
        _database_url,
        "",
        "Where the data are; an SQLite file in the instance folder unless set.",
        "postgresql://feedback:secret@db.example.org/feedback",
    )
    secret_key: str = setting(
        "FEEDBACK_SECRET_KEY",
        _text,
        "",
        "Signs links and sessions and encrypts source secrets, at least 32 characters; made and kept in the "
        "instance folder on one machine, required with PostgreSQL. Older keys may follow after commas: they are "
        "still accepted, but not used for new links. Keep the oldest one: unsubscribe links and the list of those who "
        "unsubscribed need it.",
        "(64 random characters)",
    )
    base_url: str = setting(
        "FEEDBACK_BASE_URL",
        _base_url,
        "http://127.0.0.1:8000",
        "Where people reach this installation; every link in a mail begins with it. While a demo runs on the instance "
        "folder, the demo's unless set. Required with PostgreSQL or a bind that is not loopback.",
        "https://feedback.example.org",
    )
    smtp_url: str = setting(
        "FEEDBACK_SMTP_URL",
        _smtp_url,
        "",
        "The SMTP server that takes our mail; without it mail goes to the built-in catcher and shows on /outbox.",
        "smtp://user:secret@mail.example.org:587",
    )
    mail_rates: str = setting(
        "FEEDBACK_MAIL_RATES",
        _mail_rates,
        "",
        "How many mails each domain gets at most, * for each that is not named; without it as many as are due. "
        "Counted where FEEDBACK_RATELIMIT_URL says.",
        "gmail.com=60/minute, *=600/minute",
    )
    mail_from: str = setting(
        "FEEDBACK_MAIL_FROM",
        _text,
        "surveys@localhost.localdomain",
        "Address that mail comes from when a survey names none.",
        "surveys@example.org",
    )
    bounce_domain: str = setting(
        "FEEDBACK_BOUNCE_DOMAIN",
        _text,
        "",
        "Domain whose mail to bounce+...@ reaches this installation; bounces go to the sender's address without it.",
        "bounces.example.org",
    )
    imap_url: str = setting(
        "FEEDBACK_IMAP_URL",
        _mailbox_url,
        "",
        "Mailbox that bounces come to, over IMAP with TLS or as a Maildir (maildir:///path); read every minute. "
        "One of its own: every mail in it is marked as seen.",
        "imaps://bounces:secret@mail.example.org/INBOX",
    )
    mail_report_days: int = setting(
        "FEEDBACK_MAIL_REPORT_DAYS",
        _days_of_reports,
        90,
        "How many days reports of bounces, complaints and deliveries are kept, at least 31; 0 keeps them for ever. "
        "What they led to stays.",
        "180",
    )
    queue_url: str = setting(
        "FEEDBACK_QUEUE_URL",
        _url("sqlite", "postgresql", "redis", "rediss"),
        "",
        "Where background work is queued; a file in the instance folder with SQLite, the database with PostgreSQL.",
        "redis://127.0.0.1:6379/0",
    )
    ratelimit_url: str = setting(
        "FEEDBACK_RATELIMIT_URL",
        _url("memory", "redis", "rediss"),
        "memory://",
        "Where rate limits are counted; memory counts in each process for itself.",
        "redis://127.0.0.1:6379/1",
    )
    time_zone: str = setting(
        "FEEDBACK_TIME_ZONE",
        _zone,
        "UTC",
        "The workspace's IANA time zone: where its days begin.",
        "Europe/Berlin",
    )
    trusted_proxies: int = setting(
        "FEEDBACK_TRUSTED_PROXIES",
        _count,
        0,
        "How many proxies in front may set X-Forwarded-For and X-Forwarded-Proto; 0 ignores these headers.",
        "1",
    )
    metrics_token: str = setting(
        "FEEDBACK_METRICS_TOKEN",
        _text,
        "",
        "Bearer token that may read /metrics from elsewhere; loopback always may.",
        "(32 random characters)",
    )
    api_rate: int = setting(
        "FEEDBACK_API_RATE",
        _count,
        100,
        "Requests that an API key may make within a minute, unless it has a rate of its own; 0 is no limit.",
        "600",
    )
    webhooks_may_reach: str = setting(
        "FEEDBACK_WEBHOOKS_MAY_REACH",
        _networks,
        "",
        "Private networks that webhooks may go into, by http too; without it they go to public addresses alone.",
        "10.20.0.0/16, 192.168.1.7/32",
    )
    tagger: str = setting(
        "FEEDBACK_TAGGER",
        _text,
        "lexigram",
        "Name of the tagger that reads comments.",
        "textblob",
    )
    demo: bool = setting(
        "FEEDBACK_DEMO",
        _switch,
        False,
        "Set by `feedback demo`: the sign-in page then says where the demo's sign-in link was printed.",
        "1",
    )

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def is_secure(self) -> bool:
        """Whether people reach us over https: then cookies are Secure and carry the __Host- prefix."""
        return self.base_url.startswith("https://")

    @property
    def secret_keys(self) -> list[str]:
        """The signing keys, the one for new signatures last (as itsdangerous wants them)."""
        return [key.strip() for key in self.secret_key.split(",")][::-1]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def outbox(self) -> Path:
        """Folder of the mails that the built-in catcher holds."""
        return self.instance / "outbox"


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process; raises SettingError with the name of the first bad one."""
    environ = os.environ if environ is None else environ
    given = {
        f.name: _read(f.metadata, environ[f.metadata["env"]]) for f in fields(Settings) if _is_set(f, environ)
    }
    given.setdefault("instance", default_instance())
    _require_on_many_machines(given)
    settings = Settings(**given)
    given.setdefault("database_url", f"sqlite:///{settings.instance / 'feedback.db'}")
    if "base_url" not in given and (left := _left_base_url(settings.instance)):
        given["base_url"] = left
    if not given.get("secret_key"):
        given["secret_key"] = _kept_secret(settings.instance)
    if any(len(key.strip()) < SHORTEST_SECRET for key in given["secret_key"].split(",")):
        raise SettingError(
            f"FEEDBACK_SECRET_KEY is shorter than {SHORTEST_SECRET} characters; make one with: "
            'python3 -c "import secrets; print(secrets.token_hex(32))"'
        )
    return Settings(**given)


@contextmanager
def base_url_left(settings: Settings) -> Iterator[None]:
    """Meanwhile commands over the same instance folder print links with this base URL, unless they are told another."""
    path = settings.instance / BASE_URL_FILE
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(settings.base_url)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def default_instance() -> Path:
    """`instance/` beside a checkout's pyproject.toml, else the user's data folder."""
    if (PROJECT / "pyproject.toml").exists():
        return PROJECT / "instance"
    return user_data_path("feedback-app", appauthor=False)


def require_public_settings(environ: Mapping[str, str] | None = None) -> None:
    """Refuse to listen beyond loopback with a base URL or secret that was never chosen."""
    environ = os.environ if environ is None else environ
    for name, example in (
        ("FEEDBACK_BASE_URL", "https://feedback.example.org"),
        ("FEEDBACK_SECRET_KEY", "(64 random characters)"),
    ):
        if not environ.get(name):
            raise SettingError(
                f"{name} is not set; it must be when the server listens beyond this machine, "
                f"for example {name}={example}"
            )


def _is_set(spec: Any, environ: Mapping[str, str]) -> bool:
    return bool(environ.get(spec.metadata["env"], "").strip())


def _read(spec: Mapping[str, Any], value: str) -> Any:
    try:
        return spec["read"](value.strip())
    except (ValueError, KeyError, ZoneInfoNotFoundError) as error:
        shown = "set to something else" if "://" in value and "@" in value else f"'{value}'"
        raise SettingError(f"{spec['env']} is {shown}; a good value looks like {spec['example']}") from error


def _require_on_many_machines(given: Mapping[str, Any]) -> None:
    if not given.get("database_url", "").startswith("postgresql"):
        return
    for name in ("secret_key", "base_url"):
        if name not in given:
            spec = next(f.metadata for f in fields(Settings) if f.name == name)
            raise SettingError(
                f"{spec['env']} is not set; with PostgreSQL every machine must be told the same one, "
                f"for example {spec['env']}={spec['example']}"
            )


def _left_base_url(instance: Path) -> str:
    """What `base_url_left` left in the instance folder; empty if nothing."""
    try:
        return (instance / BASE_URL_FILE).read_text().strip()
    except OSError:
        return ""


def _kept_secret(instance: Path) -> str:
    """The secret in the instance folder, made on the first start and readable by its owner alone."""
    path = instance / "secret_key"
    try:
        instance.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    except OSError as error:
        raise SettingError(
            f"The folder {instance} cannot be written ({error.strerror}); set FEEDBACK_INSTANCE to one that can, "
            "for example FEEDBACK_INSTANCE=/var/lib/feedback"
        ) from error
    return path.read_text().strip()
