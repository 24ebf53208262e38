"""What is wrong with an app's marks and CORS; ids TA6xx, beside those of `tenants.check`."""

from collections.abc import Iterator

from flask import Flask

from tenantauth.flask import TenantAuthState
from tenantauth.flask.foreign_cors import foreign_cors
from tenantauth.flask.survey import survey
from tenants.finding import Finding


def check_app(app: Flask) -> Iterator[Finding]:
    """Find marks that do nothing or contradict each other, and Flask-CORS; no request is served."""
    state: TenantAuthState = app.extensions["tenantauth"]
    for unreached in state.routes.unreached():
        hint = "route it, mark what is routed, or remove the mark"
        yield Finding("TA601", "error", unreached.place, unreached.reason, hint)
    for surveyed in survey(state.routes.routes):
        if surveyed.problem:
            place = f"{surveyed.method} {surveyed.rule.rule}"
            hint = "keep one of the marks; until then the route answers nobody"
            yield Finding("TA602", "error", place, surveyed.problem, hint)
    for foreign in foreign_cors(app, state.routes.routes):
        what = f"{foreign.wrapper} {foreign.problem}"
        yield Finding("TA603", "warning", foreign.place, what, foreign.replacement)
