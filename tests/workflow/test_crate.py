"""The crate of a finished run: valid by the profiles' own validator, and true of the files."""

import importlib.util
from pathlib import Path

import pytest
import requests

CONTEXT = Path(__file__).parents[1] / "contexts" / "ro-crate-1.1.json"
URLS = ("https://w3id.org/ro/crate/1.1/context",)


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
        requirement_severity=Severity.REQUIRED,
        no_cache=True,
    )
    result = services.validate(settings)
    issues = [f"{issue.check.identifier}: {issue.message}" for issue in result.get_issues()]
    assert result.passed(), issues
