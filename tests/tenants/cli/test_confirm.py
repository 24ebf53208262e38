import pytest

from tenants.cli.boundary import Refused
from tenants.cli.confirm import confirm


def test_yes_answers_beforehand() -> None:
    confirm("all is lost", yes=True)


def test_where_nobody_can_be_asked_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threat 117."""
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    with pytest.raises(Refused, match=r"^all is lost\. Nobody .* add --yes to agree$"):
        confirm("all is lost", yes=False)
