"""A client of the REST interface of a ``studio up`` that benchmarks disturb: requests that fail return None."""

from collections.abc import Mapping
from typing import Any

import httpx

from core.network import tls
from tests.support.processes.studio_up import Up


class RestClient:
    """Sends requests as the first user of an installation."""

    def __init__(self, up: Up) -> None:
        self._address = f"http://127.0.0.1:{up.port}"
        self._organization = f"/v1/music/{up.printed('organization')}"
        self._headers = {"X-API-Key": up.printed("API key")}

    def is_ready(self) -> bool:
        return self._request("GET", "/readyz") is not None

    def submit(self, key: str, engine: str, prompt: str, seconds: int) -> str | None:
        """Submit a generation and return its id."""
        body = {"engine": engine, "prompt": prompt, "duration_seconds": seconds, "idempotency_key": key}
        accepted = self._request("POST", f"{self._organization}/generations", json=body)
        return accepted and str(accepted["id"])

    def find(self, job: str) -> Mapping[str, Any]:
        """Return a generation, empty if the request fails."""
        return self._request("GET", f"{self._organization}/generations/{job}") or {}

    def cancel(self, job: str) -> bool:
        return self._request("POST", f"{self._organization}/generations/{job}/cancel") is not None

    def usage(self) -> Mapping[str, Any]:
        """Return what was spent, empty if the request fails."""
        return self._request("GET", f"{self._organization}/usage") or {}

    def _request(self, method: str, path: str, **options: Any) -> Any:  # noqa: ANN401  a decoded body
        try:
            # httpx would load the certificates again for each request
            response = httpx.request(
                method, self._address + path, headers=self._headers, timeout=5, verify=tls.default_context(), **options
            )
        except httpx.TransportError:
            return None
        return response.json() if response.is_success else None
