from tenantauth.tokens.fetch_means import FetchCounters
from tests.support import in_threads


def test_threads_count_together() -> None:
    """Threat 80."""

    counters = FetchCounters()
    in_threads(lambda: counters.count("fetches"), times=1000)
    assert counters.counts() == {"fetches": 4000}


def test_what_was_handed_out_does_not_change() -> None:
    counters = FetchCounters()
    before = counters.counts()
    counters.count("fetches")
    assert before == {}
