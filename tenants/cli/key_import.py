"""``key import``: a key that signed before, or elsewhere, moves in."""

import os
import stat
import sys
from typing import TYPE_CHECKING, BinaryIO

import click

from tenants.cli.boundary import Refused
from tenants.cli.key_facts import tell_grace
from tenants.cli.output import clean
from tenants.cli.session import Session, pass_session, quiet_option

if TYPE_CHECKING:
    from tenants.key_import import ImportState
    from tenants.key_outcomes import KeyImport

_EPILOG = """\b
Examples:
  key import acme --file old.pem --kid 2024-1
  key import acme --file old.pem --kid 2024-1 --state active
  key import acme --file old.secret --kid old --algorithm HS256"""


@click.command("import", epilog=_EPILOG)
@click.argument("tenant")
@click.option("--file", "file", type=click.File("rb"), required=True, help="- is standard input.")
@click.option("--kid", required=True, help="Its name, as its tokens say it.")
@click.option("--algorithm", metavar="ALG", help="Its algorithm, where the file does not say it.")
@click.option(
    "--state",
    type=click.Choice(["pending", "active", "grace"]),
    default="grace",
    show_default=True,
    help="grace only verifies; pending signs next; active signs from now on.",
)
@click.option("--password-stdin", is_flag=True, help="The password of an encrypted PEM file.")
@quiet_option
@pass_session
def import_key(
    session: Session,
    *,
    tenant: str,
    file: BinaryIO,
    kid: str,
    algorithm: str | None,
    state: "ImportState",
    password_stdin: bool,
) -> None:
    """Take over a key that others made: PEM, a JWK, a JWK set, or a bare HMAC secret.

    Tokens that it has signed are accepted when they are such as the tenant issues itself; those of
    other stacks are not: trust their issuer (issuer add). Weak and malformed keys are refused.
    """
    from tenants.key_files import MAX_FILE_BYTES, is_public, needs_password

    from_stdin = file is sys.stdin.buffer or file.name == "<stdin>"
    if from_stdin and password_stdin:
        raise click.UsageError("standard input cannot be both the file and the password")
    data = file.read(MAX_FILE_BYTES + 1)
    if not from_stdin and not is_public(data):
        _warn_of_readers(file)
    password = _read_password(asked=password_stdin) if needs_password(data) else None
    done = session.registry.keys.import_key(
        tenant, data, kid=kid, algorithm=algorithm, state=state, password=password
    )
    _tell(session, done)


def _warn_of_readers(file: BinaryIO) -> None:
    mode = os.fstat(file.fileno()).st_mode
    if stat.S_ISREG(mode) and mode & (stat.S_IRGRP | stat.S_IROTH):
        click.echo(f"warning: others can read {clean(file.name)}: chmod 600", err=True)


def _read_password(*, asked: bool) -> bytes:
    """Read one line, which is never an argument: other users can see those."""
    if asked:
        return sys.stdin.buffer.readline(4096).rstrip(b"\r\n")
    if not sys.stdin.isatty():
        raise Refused("the file is encrypted: give its password with --password-stdin")
    return str(click.prompt("password of the file", hide_input=True, err=True)).encode()


def _tell(session: Session, done: "KeyImport") -> None:
    key, rotation = done.key, done.rotation
    session.say(f"tenant {done.tenant}")
    if rotation is not None:
        session.say(f"  {key.kid} ({key.algorithm}) signs from now on")
        if rotation.demoted is not None:
            tell_grace(session, rotation.demoted, rotation.demoted.kid)
        session.say(f"  {rotation.pending.kid} is published and signs next")
    elif key.state == "pending":
        session.say(f"  {key.kid} ({key.algorithm}) verifies from now on, and signs next")
    else:
        tell_grace(session, key, f"{key.kid} ({key.algorithm})")
    _tell_form(session, done)
    if done.dropped is not None:
        session.say(f"  {done.dropped.kid}, which was pending, only verifies from now on")


def _tell_form(session: Session, done: "KeyImport") -> None:
    """Say what its tokens must be: most other stacks write others, which no key keeps alive."""
    tenant = session.registry.tenants.get(done.tenant)
    audience = " or ".join(tenant.audience)
    session.say(
        f"  its tokens pass when they say: typ at+jwt, kid {done.key.kid}, iss {tenant.issuer},"
        f" aud {audience}, tenant {tenant.slug}, sub, client_id, jti, iat and exp"
    )
