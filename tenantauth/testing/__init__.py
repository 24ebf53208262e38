"""The testing kit: a manual clock, policies and really signed tokens, fakes for the ports."""

from tenantauth.testing.clock import ManualClock
from tenantauth.testing.fakes import FakePolicySource, RecordingSink
from tenantauth.testing.policies import SigningKey, make_policy
from tenantauth.testing.tokens import make_token

__all__ = [
    "FakePolicySource",
    "ManualClock",
    "RecordingSink",
    "SigningKey",
    "make_policy",
    "make_token",
]
