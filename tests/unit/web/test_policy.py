"""Every route declares who may call it; the role acted in is the first listed that the caller holds (S1)."""

import pytest
from flask import Flask

from shared.domain import ForbiddenError
from shared.web.callers import INSTITUTIONAL, Caller, Role, caller
from shared.web.policy import Policy, UndeclaredPolicyError, policies, policy


def someone(*roles: Role, institution: str | None = "helsinki.fi") -> Caller:
    return Caller("https://issuer.example", "anna", frozenset(roles), institution)


def test_a_caller_acts_in_the_first_listed_role_that_the_token_confers():
    allowed = Policy((Role.REGISTRAR, Role.PARTNER))
    assert allowed.admit(someone(Role.PARTNER, Role.REGISTRAR)).role is Role.REGISTRAR
    assert allowed.admit(someone(Role.PARTNER)).actor.role == "partner"


def test_the_other_roles_follow_in_the_order_of_the_policy():
    allowed = Policy((Role.REGISTRAR, Role.PARTNER, Role.LEARNER))
    first = allowed.admit(someone(Role.LEARNER, Role.REGISTRAR, Role.ASSESSOR))
    others = allowed.others(first)
    assert [each.role for each in others] == [Role.LEARNER]
    assert allowed.others(others[0]) == ()


def test_a_role_that_is_asked_for_acts_alone():
    allowed = Policy((Role.REGISTRAR, Role.LEARNER))
    both = someone(Role.LEARNER, Role.REGISTRAR, Role.ASSESSOR)
    acting = allowed.admit(both, "learner")
    assert (acting.role, acting.roles, allowed.others(acting)) == (Role.LEARNER, {Role.LEARNER}, ())
    for asked in ("assessor", "partner", "emperor", ""):
        with pytest.raises(ForbiddenError):
            allowed.admit(both, asked)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.REGISTRAR}))
def test_any_other_role_is_refused(role):
    with pytest.raises(ForbiddenError, match="registrar"):
        Policy((Role.REGISTRAR,)).admit(someone(role))


def test_an_application_with_an_undeclared_route_is_refused():
    app = Flask("sample", static_folder=None)
    app.add_url_rule("/declared", "declared", policy.public(lambda: "yes"))
    assert policies(app)["declared"].public
    app.add_url_rule("/forgotten", "forgotten", lambda: "no")
    with pytest.raises(UndeclaredPolicyError, match="/forgotten"):
        policies(app)


def test_a_policy_without_roles_is_a_mistake():
    with pytest.raises(UndeclaredPolicyError):
        policy()


def test_only_services_and_administrators_see_all_institutions():
    for role in Role:
        acting = Policy((role,)).admit(someone(role))
        assert acting.sees_all == (role in {Role.SERVICE, Role.ADMINISTRATOR})
    assert not someone(Role.ADMINISTRATOR).sees_all, "a role that is held but not acted in opens nothing"


def test_a_learner_appears_under_the_learners_id_everybody_else_under_the_subject():
    learner = Policy((Role.LEARNER,)).admit(someone(Role.LEARNER, institution=None))
    assert learner.actor.subject == learner.learner_id
    assert learner.learner_id == someone(Role.ASSESSOR).learner_id, (
        "the same in every service, from the token alone"
    )
    assert Policy((Role.ASSESSOR,)).admit(someone(Role.ASSESSOR)).actor.subject == "anna"


def test_every_role_is_either_of_an_institution_or_deliberately_not():
    assert set(Role) - INSTITUTIONAL == {Role.LEARNER, Role.SERVICE, Role.ADMINISTRATOR}


def test_asking_for_the_caller_of_a_public_route_is_a_defect():
    with Flask("sample").test_request_context(), pytest.raises(LookupError):
        caller()
