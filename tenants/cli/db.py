"""``db``: the schema, thin over Alembic."""

from dataclasses import dataclass

import click
from sqlalchemy import Engine

from tenants.cli.output import Form, show_facts
from tenants.cli.session import Session, pass_session, quiet_option
from tenants.cli.values import format_option


@click.group()
def db() -> None:
    """Look after the schema of the database."""


@dataclass(frozen=True, slots=True)
class SchemaState:
    """Where a database stands, and where this version of the program wants it."""

    database: str
    current: str | None
    newest: str
    up_to_date: bool


@db.command(epilog="Example: db upgrade")
@quiet_option
@pass_session
def upgrade(session: Session) -> None:
    """Bring the database to the newest schema.

    There must be one: init makes it.
    """
    from tenants import migrations

    engine = _engine(session)
    before = migrations.current(engine)
    after = migrations.upgrade(engine)
    if before == after:
        session.say(f"schema {after} is the newest already; nothing was changed")
    else:
        session.say(f"schema {before or 'none'} → {after}")


@db.command(epilog="Example: db current --format json")
@format_option
@pass_session
def current(session: Session, form: Form) -> None:
    """Show the schema's version, and if it is the newest."""
    from tenants import migrations
    from tenants.db import location

    engine = _engine(session)
    found, newest = migrations.current(engine), migrations.head()
    state = SchemaState(location(engine.url), found, newest, found == newest)
    facts = {
        "database": state.database,
        "schema": found or "none yet",
        "newest": "yes" if state.up_to_date else f"no, that is {newest}: run db upgrade",
    }
    show_facts(state, facts, form)


def _engine(session: Session) -> Engine:
    from tenants.db import make_engine

    engine = make_engine(session.settings.database_url)
    click.get_current_context().call_on_close(engine.dispose)
    return engine
