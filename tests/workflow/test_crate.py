"""The crate of a finished run: valid by the profiles' own validator, and true of the files."""

import importlib.util
from pathlib import Path

import pytest
import requests

CONTEXT = Path(__file__).parents[1] / "contexts" / "ro-crate-1.1.json"
URLS = ("https://w3id.org/ro/crate/1.1/context",)
# What the profiles recommend and a crate does not have, each for its reason.
NOT_FOLLOWED = {
    "process-run-crate-0.5_8.4": "the end of an action: nothing comes from the clock",
    "process-run-crate-0.5_8.6": "its agent: nothing comes from the user",
    "process-run-crate-0.5_5.1": "absolute addresses of scripts: the project has none",
    "process-run-crate-0.5_3.2": "addresses of scripts: the same",
    "process-run-crate-0.5_10.1": "raw files and code lie outside of the crate",
    "workflow-run-crate-0.5_7.1": "as they are the inputs",
    "workflow-ro-crate-1.0_6.1": "a README: the report is what a person reads",
    "workflow-ro-crate-1.0_6.2": "the same",
    "workflow-ro-crate-1.0_8.1": "the Bioschemas profile asks for people and dates",
    "ro-crate-1.1_22.2": "an author: whoever is responsible for the study says who",
    "ro-crate-1.1_22.3": "a publisher: the same",
}


@pytest.fixture
def without_network(monkeypatch):
    """The one document that a crate refers to is served from here; any other request fails."""

    def send(adapter, request, **_):
        if request.url not in URLS:
            raise requests.ConnectionError(f"no network in tests: {request.url}")
        response = requests.Response()
        response.status_code, response.request, response.url = 200, request, request.url
        response.headers["Content-Type"] = "application/ld+json"
        response._content = CONTEXT.read_bytes()
        return response

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)


@pytest.mark.skipif(
    importlib.util.find_spec("rocrate_validator") is None,
    reason="roc-validator (envs/test.yaml) is not installed here",
)
@pytest.mark.filterwarnings("ignore")  # the validator's own
def test_the_crate_is_a_valid_provenance_run_crate(finished, without_network):
    from rocrate_validator import services
    from rocrate_validator.models import Severity, ValidationSettings

    settings = ValidationSettings(
        rocrate_uri=str(finished / "results/example"),
        profile_identifier="provenance-run-crate-0.5",
        requirement_severity=Severity.RECOMMENDED,
        no_cache=True,
    )
    result = services.validate(settings)
    issues = result.get_issues(min_severity=Severity.RECOMMENDED)
    assert {issue.check.identifier for issue in issues} == {*NOT_FOLLOWED}
    assert {issue.severity for issue in issues} == {Severity.RECOMMENDED}
