"""What requests tell of a set-up that cannot be meant."""

from collections.abc import Mapping

import pytest

from tenantauth.hints import Hints
from tenantauth.request import RequestFacts

FORWARDED = {"HTTP_X_FORWARDED_FOR": "192.0.2.1"}


@pytest.mark.parametrize(
    ("proxies", "environ", "address", "told"),
    [
        (0, FORWARDED, "192.0.2.7", ["X-Forwarded-For arrives"]),
        (1, FORWARDED, "192.0.2.7", []),
        (0, {}, "192.0.2.7", []),
        (0, {}, "", ["a request has no address"]),
        (1, {}, "", ["a request has no address"]),
        (0, FORWARDED, "", ["X-Forwarded-For arrives", "a request has no address"]),
    ],
)
def test_each_thing_is_told_once(
    proxies: int,
    environ: Mapping[str, str],
    address: str,
    told: list[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Threat 72: callers that cannot be told apart share one counter."""
    hints = Hints(proxies)
    for _ in range(3):
        hints.look(dict(environ), RequestFacts("GET", "/", "acme.test", "http", address, 0.0))
    said = [record.getMessage() for record in caplog.records]
    assert [sentence[: len(start)] for sentence, start in zip(said, told, strict=True)] == told
