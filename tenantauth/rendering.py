"""From a refusal and its request to an answer: the port by which an app words its refusals."""

from collections.abc import Callable
from wsgiref.types import WSGIEnvironment

from tenantauth.environ import REQUEST_ID
from tenantauth.reply import Answer, Form, Refusal

# Writes a refusal; the environ holds the request id, and the grant as far as it is known.
Renderer = Callable[[Refusal, WSGIEnvironment], Answer]


def renderer_of(form: Form) -> Renderer:
    """Return what writes every refusal in one form, whatever the request."""

    def render(refusal: Refusal, environ: WSGIEnvironment) -> Answer:
        return form(refusal, environ[REQUEST_ID])

    return render
