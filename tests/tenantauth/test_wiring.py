"""What a stack is by its settings; tests/tenants/cli/test_loading.py holds each one of them."""

import inspect
import json
import time
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from tenantauth.errors import StackError
from tenantauth.keyring import KeyRing
from tenantauth.limit import Limit
from tenantauth.reply import Answer
from tenantauth.settings import Settings
from tenantauth.stack import Stack
from tenantauth.testing import (
    FakeKeySource,
    FakePolicySource,
    RecordingSink,
    make_policy,
    make_token,
)
from tenantauth.units import Rate
from tenantauth.wiring import layers_from, source_from, stack_from
from tests.partners import ISSUER, KEY, partner_token, trust

ACME = make_policy(trusted_issuers=[trust(jwks_uri="https://login.partner.test/jwks")])


def ask(token: str | None = None, settings: Settings | None = None, **parts: Any) -> TestResponse:
    """Return the answer of a stack by these settings around an app that only says *served*."""
    settings = settings or Settings()
    layers = parts.pop("layers", None) or layers_from(settings)
    source = source_from(settings, FakePolicySource([ACME]))
    stack = stack_from(served, settings, source, layers, **parts)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    web, peer = Client(stack), {"REMOTE_ADDR": "192.0.2.1"}
    answer = web.get("/", "http://acme.localhost", headers=headers, environ_base=peer)
    source.close()
    return answer


def served(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return [b"served"]


def test_by_its_defaults_a_stack_serves_who_has_a_token_and_nobody_else() -> None:
    assert ask(make_token(ACME, now_s=time.time())).text == "served"
    assert ask().status_code == 401


def test_what_settings_do_not_say_is_by_default_as_of_a_stack() -> None:
    """A default that was opened here would be open for every caller of the other."""
    ours, of_stack = (inspect.signature(each).parameters for each in (stack_from, Stack))
    both = (ours.keys() & of_stack.keys()) - {"source"}
    assert {name: ours[name].default for name in both} == {
        name: of_stack[name].default for name in both
    }
    assert {"routes", "tenantless", "unmatched", "needed", "render"} <= both


def test_a_sink_stands_in_place_of_the_log_and_a_listener_beside_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sink, listener = RecordingSink(), RecordingSink()
    with caplog.at_level("INFO", "tenantauth"):
        ask(listeners=[listener])
        assert len(caplog.messages) == len(listener.events) == 1
        ask(sink=sink, listeners=[listener])
    assert (len(caplog.messages), len(sink.events), len(listener.events)) == (1, 1, 2)


def test_an_own_renderer_comes_before_the_form_of_the_settings() -> None:
    answer = ask(render=lambda refusal, environ: Answer(refusal.status, body=b"no"))
    assert answer.text == "no"


@pytest.mark.parametrize(
    ("form", "member"), [("problem", "request_id"), ("envelope", "error")], ids=str
)
def test_refusals_have_the_form_of_the_settings(form: str, member: str) -> None:
    assert member in json.loads(ask(settings=Settings(error_format=form)).text)


def test_keys_of_trusted_issuers_come_from_the_source_that_is_given() -> None:
    source = FakeKeySource({ISSUER: KeyRing([KEY.verification_key()])})
    token = partner_token(now_s=time.time())
    assert ask(token, layers=layers_from(Settings(), source)).text == "served"


def test_limits_are_for_tenants_without_their_own() -> None:
    layers = layers_from(Settings(), limits=[Limit("all", Rate(1, 3600), by="tenant")])
    token = make_token(ACME, now_s=time.time())
    assert [ask(token, layers=layers).status_code for _ in range(2)] == [200, 429]


def test_layers_that_lack_what_is_needed_are_no_stack() -> None:
    with pytest.raises(StackError):
        ask(layers=layers_from(Settings())[:1], needed=frozenset({"identity"}))
