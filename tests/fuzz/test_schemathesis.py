"""Each service does what its OpenAPI document says, for every role, with good input and bad (section 6.5, API9).

Left out: `positive_data_acceptance`. What a schema lets through may still break a rule of the domain (422), meet
another version (412) or another state (409); the corpus and the services' own tests look at acceptance.
"""

import itertools
import os

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support import documents
from tests.support.applications import OTHER_REFUSALS
from tests.support.stacking import rule

CHECKS = [
    allow_header_conformance,
    content_type_conformance,
    negative_data_rejection,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]


EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "8"))
# 412 refuses a malformed If-Match as well as any other status would.
CONFIG = SchemathesisConfig.from_dict({"checks": {"negative_data_rejection": {"expected-statuses": ["4xx"]}}})
SETTINGS = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


# Making one of these up takes Hypothesis ten seconds; a real one does, and the mutations look at it thousands of times.
WHOLE_DOCUMENTS = {
    "POST /admission/v1/agreements": lambda: documents.agreement_draft(stacking=[rule()]),
    "PUT /admission/v1/agreements/{id}": lambda: documents.agreement_draft(stacking=[rule()]),
    "POST /admission/v1/agreements/{id}/addenda": lambda: {"partner": documents.partner("uu.nl")},
    "POST /admission/v1/offerings": documents.offering_draft,
    "PUT /admission/v1/offerings/{id}": documents.offering_draft,
}


@pytest.fixture(scope="session")
def operations(application):
    address = f"/{application.name}/openapi.json"
    schema = schemathesis.openapi.from_wsgi(address, application.app, config=CONFIG)
    found = [result.ok() for result in schema.get_all_operations()]
    return [each for each in found if not each.path.startswith(OTHER_REFUSALS)]


@pytest.mark.parametrize(
    "mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value
)
def test_the_document_is_kept(application, operations, mode):
    assert operations
    used = set()
    tried = [each for each in operations if mode is GenerationMode.POSITIVE or takes_input(each)]
    for operation in tried:
        run(operation, mode, keeper(application, operation, used))
    assert used == set().union(*(roles_of(operation) for operation in tried))


def takes_input(operation):
    """Whether there is anything that could be wrong in a call."""
    documented = operation.definition.raw
    return "{" in operation.path or documented.get("parameters") or documented.get("requestBody")


def roles_of(operation):
    """The roles that may call `operation`; none where everybody may."""
    return operation.definition.raw.get("x-roles", [])


def keeper(application, operation, used):
    """A test of one call: in the name of each allowed role in turn, the answer keeps the document."""
    roles = itertools.cycle(roles_of(operation))

    def keeps(case):
        headers = {}
        if role := next(roles, None):
            used.add(role)
            headers["Authorization"] = f"Bearer {application.token(role)}"
        case.call_and_validate(headers=headers, checks=CHECKS)

    return keeps


def run(operation, mode, test, examples=EXAMPLES):
    if mode is GenerationMode.POSITIVE and operation.label in WHOLE_DOCUMENTS:
        ids, headers = {"id": "abc"}, {"If-Match": "*"}
        test(operation.Case(path_parameters=ids, headers=headers, body=WHOLE_DOCUMENTS[operation.label]()))
        return
    strategy = operation.as_strategy(generation_mode=mode)
    settings(SETTINGS, max_examples=examples)(given(case=strategy)(test))()


def test_negative_control_a_document_that_is_not_kept_is_noticed(application, operations):
    """An answer in another media type than the documented one makes the very same checks fail."""
    found = next(each for each in operations if roles_of(each))
    token = application.token(roles_of(found)[0])

    def keeps(case):
        response = case.call(headers={"Authorization": f"Bearer {token}"})
        response.status_code = 418
        response.headers["content-type"] = ["text/plain"]
        case.validate_response(response, checks=[content_type_conformance])

    with pytest.raises((FailureGroup, BaseExceptionGroup), match=r"content|Content"):
        run(found, GenerationMode.POSITIVE, keeps, examples=1)
