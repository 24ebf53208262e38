"""``db``: the schema, thin over Alembic."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from tenants.cli.boundary import Refused
from tenants.cli.confirm import confirm, yes_option
from tenants.cli.output import Form, show_facts
from tenants.cli.session import Session, pass_session, quiet_option
from tenants.cli.values import format_option

if TYPE_CHECKING:
    from sqlalchemy import Engine


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


@db.command(epilog="Example: db downgrade 0001 --yes")
@click.argument("revision")
@yes_option
@quiet_option
@pass_session
def downgrade(session: Session, revision: str, yes: bool) -> None:
    """Take the schema back to REVISION; base removes all tables.

    What only newer revisions can store is lost. Stop what runs on the newer ones first.
    """
    from tenants import migrations

    engine = _engine(session)
    before = migrations.current(engine)
    lost = f"what {revision} cannot store" if revision != "base" else "every tenant, key and event"
    consequence = f"schema {before or 'none'} will go back to {revision} and lose {lost}"
    confirm(consequence, yes=yes)
    after = migrations.downgrade(engine, revision)
    session.say(f"schema {before or 'none'} → {after or 'none'}")


@db.command(epilog="Example: db check")
@quiet_option
@pass_session
def check(session: Session) -> None:
    """Compare the tables with those that this version of the program needs.

    Exit status 1 when the schema is another version's, or was changed by hand.
    """
    from tenants import migrations

    engine = _engine(session)
    found, newest = migrations.current(engine), migrations.head()
    if found != newest:
        raise Refused(f"the schema is {found or 'not there'} and not {newest}: run db upgrade")
    if wrong := migrations.differences(engine):
        raise Refused(*(f"the tables are not those of schema {found}: {line}" for line in wrong))
    session.say(f"schema {found}, with the tables that this version needs")


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


def _engine(session: Session) -> "Engine":
    from tenants.db import make_engine

    engine = make_engine(session.settings.database_url)
    click.get_current_context().call_on_close(engine.dispose)
    return engine
