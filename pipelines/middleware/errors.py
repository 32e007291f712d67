"""What is wrong with a file or a repository, said so that a person can put it right.

The commands of `butler` print these without a traceback.
"""

from __future__ import annotations

__all__ = ["FileFault", "MiddlewareError", "RepositoryFault"]


class MiddlewareError(Exception):
    """Something that a person must put right."""


class FileFault(MiddlewareError):
    """A file is not what it should be: truncated, foreign, or without what a header must say."""


class RepositoryFault(MiddlewareError):
    """A repository is not ready for what was asked of it."""
