"""``check``: everything that is wrong, or will be, with what to do about it."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from tenantauth.errors import SettingsError
from tenants.cli.output import Form, show_rows
from tenants.cli.session import Session, flask_app, pass_session, program
from tenants.cli.values import app_option, format_option
from tenants.errors import INIT_COMMAND

if TYPE_CHECKING:
    from tenants.app_cors import AppCors
    from tenants.check import Finding

_COLUMNS: Mapping[str, Callable[["Finding"], object]] = {
    "id": lambda finding: finding.id,
    "severity": lambda finding: finding.severity,
    "where": lambda finding: finding.place,
    "what → what to do": lambda finding: f"{finding.text} → {finding.hint}",
}
_ORDER = ("error", "warning", "info")


@click.command(epilog="Example: check --format json")
@app_option
@format_option
@pass_session
def check(session: Session, spec: str | None, form: Form) -> None:
    """Look for what is wrong, from the settings to the keys.

    With --app, and for the app of the flask command, also for marks in its code that do nothing or
    contradict each other. The exit status is 1 when any finding is an error.
    """
    session.warns = False  # what it would warn of are findings here
    findings = _findings(session, spec)
    findings.sort(key=lambda finding: _ORDER.index(finding.severity))
    show_rows(findings, _COLUMNS, form, empty="nothing was found")
    severities = Counter(finding.severity for finding in findings)
    if form == "table" and findings:
        session.say("")
        session.say(", ".join(_counted(*counted) for counted in severities.items()))
    if severities["error"]:
        raise click.exceptions.Exit(1)


def _counted(severity: str, count: int) -> str:
    return f"{count} {severity}{'s' if count > 1 and severity != 'info' else ''}"


def _findings(session: Session, spec: str | None) -> "list[Finding]":
    from tenants import check as checks

    try:
        own, cors = _of_app(session, spec)
        return [*map(_pasteable, checks.check(session.registry, cors)), *own]
    except SettingsError as error:
        return [*checks.check_unreadable_settings(error)]


def _of_app(session: Session, spec: str | None) -> "tuple[list[Finding], AppCors]":
    """Return what is found in the app, when there is one, and what it says of CORS."""
    from tenants.app_cors import NO_APP

    if spec is None and flask_app() is None:
        return [], NO_APP
    from tenants.check_app import check_app, cors_of
    from tenants.cli.loading import load_flask_app

    app = load_flask_app(spec, session.settings)
    return [*check_app(app)], cors_of(app)


def _pasteable(finding: "Finding") -> "Finding":
    # What to run is named as this command line was.
    return replace(finding, text=finding.text.replace(INIT_COMMAND, f"{program()} init"))
