"""``init``: the database at the newest schema, and a master key."""

from pathlib import Path

import click

from tenantauth.settings import Settings
from tenants.cli.session import Session, pass_session, quiet_option


@click.command(epilog="Example: init && tenant create acme")
@quiet_option
@pass_session
def init(session: Session) -> None:
    """Make the database and the master key; safe to repeat.

    The database comes to the newest schema, the master key file is made (mode 0600) when it is
    missing. What is there already is kept.
    """
    for line in initialise(session.settings):
        session.say(line)


def initialise(settings: Settings) -> list[str]:
    """Make what is missing and return a line for each thing; repeated, it changes nothing.

    Raises:
        RegistryError: when the master key there cannot be used, or the database cannot be made.
    """
    from tenants import migrations
    from tenants.db import make_engine
    from tenants.master_keys import MasterKeys

    key_file = Path(settings.master_key_file).absolute()
    needs_key = settings.master_key is None and not key_file.exists()
    if not needs_key:
        MasterKeys.load(settings)  # a key that cannot be used is told before anything is made
    engine = make_engine(settings.database_url, create=True)
    try:
        before, after = migrations.current(engine), migrations.upgrade(engine)
    finally:
        engine.dispose()
    if needs_key:
        MasterKeys.create_file(key_file)
    changed = "kept at" if before == after else "brought to"
    return [
        f"database  {changed} schema {after}",
        f"master key  {'made: ' + str(key_file) + ' (back it up)' if needs_key else 'kept'}",
    ]
