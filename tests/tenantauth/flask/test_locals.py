import pytest
from flask import Flask
from greenlet import getcurrent, greenlet

from tenantauth.flask import current_identity, current_tenant, public
from tests.tenantauth.flask.apps import ask, protected, token


@pytest.fixture
def app() -> Flask:
    app = protected()

    @app.get("/")
    @public
    def who() -> dict[str, object]:
        return {"tenant": current_tenant.slug, "user": current_identity.subject}

    return app


def test_a_view_sees_who_calls(app: Flask) -> None:
    assert ask(app, token=token()).json == {"tenant": "acme", "user": "alice"}


def test_a_view_sees_that_nobody_is_known(app: Flask) -> None:
    assert ask(app).json == {"tenant": "acme", "user": None}


def test_an_async_view_sees_who_calls(app: Flask) -> None:
    @app.get("/async")
    async def who_async() -> dict[str, object]:
        return {"tenant": current_tenant.slug, "user": current_identity.subject}

    assert ask(app, "/async", token=token()).json == {"tenant": "acme", "user": "alice"}


def test_what_a_view_sees_cannot_be_changed(app: Flask) -> None:
    """Threat 54: nothing that a view does to its grant is seen by another request."""

    @app.get("/change")
    def change() -> str:
        with pytest.raises(AttributeError):
            current_identity.subject = "root"  # type: ignore[misc]  # it is frozen
        with pytest.raises(TypeError):
            current_tenant.metadata["plan"] = "free"  # type: ignore[index]  # it is read-only
        return str(current_identity.subject)

    assert ask(app, "/change", token=token()).text == "alice"


def test_one_requests_caller_is_not_the_nexts(app: Flask) -> None:
    """Threat 54: one client, one connection, different callers."""
    seen = [ask(app, token=each).json for each in (token("ann"), None, token("bob"), None)]
    assert [answer and answer["user"] for answer in seen] == ["ann", None, "bob", None]


def test_callers_that_take_turns_in_one_thread_are_never_mixed_up(app: Flask) -> None:
    """Threat 54: greenlets, as gevent runs requests."""
    main = getcurrent()

    @app.get("/turns")
    def turns() -> list[str | None]:
        before = current_identity.subject
        main.switch()
        return [before, current_identity.subject]

    requests = [greenlet(lambda name: ask(app, "/turns", token=token(name))) for _ in "ab"]
    for each, name in zip(requests, ("ann", "bob"), strict=True):
        each.switch(name)
    assert [each.switch().json for each in requests] == [["ann", "ann"], ["bob", "bob"]]


def test_outside_a_request_there_is_nobody(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="request context"):
        str(current_identity.subject)


def test_a_request_past_the_stack_has_no_tenant(app: Flask) -> None:
    """Threat 55: there is no default caller to fall back to."""
    with app.test_request_context("/"), pytest.raises(RuntimeError, match="past the stack"):
        str(current_tenant.slug)


def test_a_forged_grant_is_none(app: Flask) -> None:
    """Threat 53: only the stack's own value is a grant."""
    forged = {"tenantauth.grant": "root"}
    with app.test_request_context("/", environ_overrides=forged), pytest.raises(RuntimeError):
        str(current_identity.subject)
