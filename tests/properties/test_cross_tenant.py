"""Tokens of one tenant at another, whatever the two share."""

import pytest

from benchmarks.cross_tenant import Outcome, run, trials


@pytest.mark.parametrize("seed", range(4))
def test_no_token_passes_at_another_tenant(seed: int) -> None:
    """Threats 32, 38, 44: with shared kids, keys, issuers, audiences and subjects; also cached."""
    assert run(250, seed) == Outcome(250, passed_at_own=250, passed_at_other=0)


def test_the_trials_share_what_they_say() -> None:
    """So that the trials could find something."""
    drawn = list(trials(300, 1))
    same_issuer = [each for each in drawn if each.mine.tokens.issuer == each.other.tokens.issuer]
    same_kid = [
        each
        for each in drawn
        if {key.kid for key in each.mine.keyring} == {key.kid for key in each.other.keyring}
    ]
    partners = [each for each in drawn if each.mine.trusted_issuers and each.other.trusted_issuers]
    assert min(map(len, (same_issuer, same_kid, partners))) > 30
