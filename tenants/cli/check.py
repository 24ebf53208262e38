"""``check``: everything that is wrong, or will be, with what to do about it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from tenantauth.errors import SettingsError
from tenantauth.settings import Settings
from tenants.cli.output import Form, show_rows
from tenants.cli.session import Session, flask_app, pass_session, pasteable
from tenants.cli.values import app_option, format_option

if TYPE_CHECKING:
    from flask import Flask

    from tenants.app_cors import AppCors
    from tenants.finding import Finding

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
    contradict each other; of an app that opens no database, for these and the settings alone. The
    exit status is 1 when any finding is an error.
    """
    session.warns = False  # what it would warn of are findings here
    findings = [*_findings(session, spec)]
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


def _findings(session: Session, spec: str | None) -> Iterator["Finding"]:
    from tenants import check as checks
    from tenants.app_cors import NO_APP

    try:
        settings = session.settings
        app = _load(spec, settings)
        own, cors = ([], NO_APP) if app is None else _of_app(app)
    except SettingsError as error:
        yield from checks.check_unreadable_settings(error)
        return
    if app is None or _uses_registry(app):
        yield from map(_pasteable, checks.check(session.registry, cors))
    else:
        yield from checks.check_settings(settings)
        yield from checks.check_state_store(settings)
    yield from own


def _load(spec: str | None, settings: Settings) -> "Flask | None":
    if spec is None and flask_app() is None:
        return None
    from tenants.cli.loading import load_flask_app

    return load_flask_app(spec, settings)


def _uses_registry(app: "Flask") -> bool:
    from tenants.cli.loading import uses_registry

    return uses_registry(app)


def _of_app(app: "Flask") -> "tuple[list[Finding], AppCors]":
    """Return what is found in the app, and what it says of CORS."""
    from tenants.check_app import check_app, cors_of

    return [*check_app(app)], cors_of(app)


def _pasteable(finding: "Finding") -> "Finding":
    # What to run is named as this command line was.
    return replace(finding, text=pasteable(finding.text))
