"""create_app(): the one place where the parts are joined."""

from pathlib import Path

from flask import Flask
from flask_wtf import CSRFProtect

from feedback_app import access, health, http, models
from feedback_app.config import Settings, read_settings
from feedback_app.crypto import Vault
from feedback_app.db import db, engine_options, prepare_engine
from feedback_app.limiting import limiter
from feedback_app.links import Links
from feedback_app.queue import WorkQueue
from feedback_app.schema import prepare_migrations, templates_folder

csrf = CSRFProtect()


def create_app(settings: Settings | None = None, *, migrates: bool = True) -> Flask:
    """The application, joined from its parts; opens nothing yet, so that a server can fork it.

    `migrates`: whether it also knows its migrations; servers do without, which spares them a tenth of their memory.
    """
    settings = settings or read_settings()
    app = Flask(
        __name__, template_folder=str(templates_folder()), static_folder=str(Path(__file__).parent / "static")
    )
    configure(app, settings)
    connect_database(app, settings)
    if migrates:
        prepare_migrations(app, settings)
    app.extensions["feedback_settings"] = settings
    app.extensions["feedback_links"] = Links(tuple(settings.secret_keys), settings.base_url)
    app.extensions["feedback_vault"] = Vault(settings.secret_keys)
    app.extensions["feedback_queue"] = WorkQueue(app, settings)
    csrf.init_app(app)
    limiter.init_app(app)
    # Limited routes carry a decorator, which checks by itself; a look at every request costs more than a page.
    app.before_request_funcs[None].remove(limiter._check_request_limit)
    http.set_up_requests(app, settings)
    register_parts(app)
    access.guard(app)
    return app


def configure(app: Flask, settings: Settings) -> None:
    """Flask's and the extensions' own settings, drawn from ours."""
    prefix = "__Host-" if settings.is_secure else ""
    app.config.update(
        SECRET_KEY=settings.secret_keys[-1],
        SECRET_KEY_FALLBACKS=settings.secret_keys[:-1],
        SESSION_COOKIE_NAME=f"{prefix}feedback",
        SESSION_COOKIE_SECURE=settings.is_secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        RATELIMIT_STORAGE_URI=settings.ratelimit_url,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a page left open over night still saves
        WTF_CSRF_SSL_STRICT=False,  # the referrer is not sent everywhere; the token decides
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    app.url_map.strict_slashes = False
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}


def connect_database(app: Flask, settings: Settings) -> None:
    """The database, with our rules on its engine."""
    if settings.is_sqlite:
        settings.instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    db.init_app(app)
    assert models  # every model is known to the metadata before a mapper is used
    with app.app_context():
        prepare_engine(db.engine)


def register_parts(app: Flask) -> None:
    """Every package with pages, in the order of the house."""
    from feedback_app.api import jobs as api_jobs
    from feedback_app.api import key_views as keys
    from feedback_app.api.v1 import docs as api_docs
    from feedback_app.api.v1 import views as api
    from feedback_app.campaigns import jobs as campaign_jobs
    from feedback_app.campaigns import plan_views as plans
    from feedback_app.campaigns import views as campaigns
    from feedback_app.deliveries import jobs as delivery_jobs
    from feedback_app.deliveries import views as deliveries
    from feedback_app.directory import account_views as accounts
    from feedback_app.directory import people_views as people
    from feedback_app.imports import delighted_views as moves
    from feedback_app.imports import jobs as import_jobs
    from feedback_app.imports import views as imports
    from feedback_app.invitations import jobs as invitation_jobs
    from feedback_app.invitations import views as unsubscribing
    from feedback_app.ledger import views as ledger
    from feedback_app.mail import views as outbox
    from feedback_app.responses import jobs as response_jobs
    from feedback_app.responses import views as responses
    from feedback_app.reviews import search_views as search
    from feedback_app.reviews import tag_views as tags
    from feedback_app.reviews import views as reviews
    from feedback_app.scoreboard import views as scoreboard
    from feedback_app.staff import security
    from feedback_app.staff import views as staff
    from feedback_app.surveys import views as surveys
    from feedback_app.tagging import checking_views as checking
    from feedback_app.tagging import jobs as tagging_jobs
    from feedback_app.tagging import settings_views as reading
    from feedback_app.tagging import theme_jobs
    from feedback_app.themes import phrase_views as themes
    from feedback_app.webhooks import endpoint_views as endpoints
    from feedback_app.webhooks import jobs as webhook_jobs
    from feedback_app.webhooks import mail_views as mail_hooks
    from feedback_app.webhooks import trigger_views as triggers
    from feedback_app.webhooks import views as webhooks

    jobs = (
        invitation_jobs,
        campaign_jobs,
        delivery_jobs,
        response_jobs,
        tagging_jobs,
        theme_jobs,
        import_jobs,
        webhook_jobs,
        api_jobs,
    )
    assert jobs  # importing them makes their jobs known
    security.set_up_security(app)
    answering = (responses, unsubscribing, webhooks, mail_hooks, api)
    for part in answering:
        csrf.exempt(part.bp)  # a signature in the address, a header or the body is what lets these write
    working = (
        reviews,
        search,
        tags,
        checking,
        reading,
        themes,
        scoreboard,
        people,
        accounts,
        surveys,
        triggers,
        campaigns,
        plans,
        ledger,
    )
    for part in (
        health,
        staff,
        *answering,
        *working,
        imports,
        moves,
        deliveries,
        endpoints,
        keys,
        api_docs,
        outbox,
    ):
        app.register_blueprint(part.bp)
