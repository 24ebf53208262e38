"""All targets by name."""

from collections.abc import Mapping
from types import MappingProxyType

from benchmarks.fuzzing import files, keys, requests, texts, tokens
from benchmarks.fuzzing.target import Target

_ALL = (
    *tokens.TARGETS,
    *keys.TARGETS,
    *files.TARGETS,
    *texts.TARGETS,
    *requests.TARGETS,
)
TARGETS: Mapping[str, Target] = MappingProxyType({target.name: target for target in _ALL})
