"""What is wrong with an app's marks and CORS; ids TA6xx, beside those of `tenants.check`."""

from collections.abc import Iterator

from flask import Flask

from tenantauth.flask import TenantAuthState
from tenantauth.flask.foreign_cors import foreign_cors
from tenantauth.flask.routes import FlaskRoutes
from tenantauth.flask.survey import Surveyed, survey
from tenantauth.layers.cors import Cors
from tenants.app_cors import AppCors, allows_tokens
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
    yield from _check_tokens_of_pages(app, state.routes.routes)
    for foreign in foreign_cors(app, state.routes.routes):
        what = f"{foreign.wrapper} {foreign.problem}"
        yield Finding("TA603", "warning", foreign.place, what, foreign.replacement)


def cors_of(app: Flask) -> AppCors:
    """Return what the app says of CORS; no request is served."""
    state: TenantAuthState = app.extensions["tenantauth"]
    layers = [layer for layer in state.stack.layers if isinstance(layer, Cors)]
    paths = {
        surveyed.rule.rule
        for surveyed in survey(state.routes.routes)
        if _needs_token(surveyed) and _headers_of(surveyed) is None
    }
    defaults = tuple(rule for layer in layers for rule in layer.defaults)
    return AppCors(defaults, tuple(sorted(paths - {*state.stack.tenantless})))


def _check_tokens_of_pages(app: Flask, routes: FlaskRoutes) -> Iterator[Finding]:
    """Find where pages that are let in can send no token, and one is needed."""
    text = "it needs a token, and pages can send none: Authorization is not in allow_headers"
    hint = "allow the header Authorization"
    marked = {
        surveyed.rule.rule: headers
        for surveyed in survey(routes)
        if _needs_token(surveyed) and (headers := _headers_of(surveyed)) is not None
    }
    for path in sorted(path for path, headers in marked.items() if not allows_tokens(headers)):
        yield Finding("TA604", "warning", f"@cors of {path}", text, hint)
    own = cors_of(app)
    for rule in own.keeping_tokens_back(own.defaults):
        yield Finding("TA604", "warning", f"cors= of app {app.name}, {rule.path}", text, hint)


def _needs_token(surveyed: Surveyed) -> bool:
    facts = surveyed.facts
    return facts is not None and facts.authentication == "required" and not surveyed.behind


def _headers_of(surveyed: Surveyed) -> tuple[str, ...] | None:
    """Return the headers that the route itself names, in place of those of a rule."""
    own = surveyed.facts.cors if surveyed.facts else None
    return own.allow_headers if own else None
