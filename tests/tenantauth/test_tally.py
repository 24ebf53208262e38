from tenantauth.tally import Tally
from tests.support import in_threads


def test_threads_count_together() -> None:
    """Threat 80."""
    tally = Tally[str]()
    in_threads(lambda: tally.count("fetches"), times=1000)
    assert tally.counts() == {"fetches": 4000}


def test_what_was_handed_out_does_not_change() -> None:
    tally = Tally[str]()
    before = tally.counts()
    tally.count("fetches")
    assert before == {}
