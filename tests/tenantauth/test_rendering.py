from tenantauth.environ import REQUEST_ID
from tenantauth.rendering import renderer_of
from tenantauth.reply import Refusal, render_envelope, render_problem


def test_a_refusal_is_written_in_the_form_with_the_requests_id() -> None:
    refusal, environ = Refusal("forbidden"), {REQUEST_ID: "r1"}
    assert renderer_of(render_problem)(refusal, environ) == render_problem(refusal, "r1")
    assert renderer_of(render_envelope)(refusal, environ) == render_envelope(refusal, "r1")
