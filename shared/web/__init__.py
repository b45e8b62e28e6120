"""The web edge of every service: strict input, problem documents, transactions, tokens, paging, health, documentation.

A service imports from here what its routes need; the modules below say what each part guarantees.
"""

from shared.web.app import create_web_app
from shared.web.blueprint import Blueprint
from shared.web.callers import Caller, Role, caller, optional_caller
from shared.web.paging import Page
from shared.web.policy import policy
from shared.web.problems import ProblemError
from shared.web.schema import Schema

__all__ = [
    "Blueprint",
    "Caller",
    "Page",
    "ProblemError",
    "Role",
    "Schema",
    "caller",
    "create_web_app",
    "optional_caller",
    "policy",
]
