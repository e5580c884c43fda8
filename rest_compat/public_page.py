"""Pages that need neither a sign-in nor a script, in the look of the studio page: share links, unknown addresses."""

import base64
import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template
from typing import Final, Self

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from core.network import links

_FOLDER: Final = Path(__file__).parent
_PAGE: Final = Template((_FOLDER / "public_page.html").read_text(encoding="utf-8"))
_TEXTS: Final[Mapping[str, Mapping[str, str]]] = tomllib.loads(
    (_FOLDER / "public_page.toml").read_text(encoding="utf-8")
)
_DEFAULT_LANGUAGE: Final = "en"
_LANGUAGE_RANGE: Final = re.compile(r"\s*([a-z]+)[\w-]*\s*(?:;\s*q=([\d.]+))?\s*", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class StudioPage:
    """Paths of the studio page and of its files, below the prefix of the server: ``request.state.studio_page``."""

    path: str
    assets: str


@dataclass(frozen=True, slots=True)
class PublicPage:
    """A page for one request, in the language of its browser."""

    request: Request
    language: str

    @classmethod
    def for_request(cls, request: Request) -> Self:
        return cls(request, _find_language(request.headers.get("accept-language", "")))

    @property
    def prefix(self) -> str:
        return links.prefix_of(self.request.state.base_url)

    @property
    def studio_path(self) -> str:
        """The path of the studio page for a browser."""
        studio: StudioPage = self.request.state.studio_page
        return f"{self.prefix}{studio.path}"

    @property
    def assets_path(self) -> str:
        studio: StudioPage = self.request.state.studio_page
        return f"{self.prefix}{studio.assets}"

    def text(self, key: str, /, **values: object) -> str:
        """Return a text with its values; it is not escaped."""
        return _TEXTS[self.language][key].format(**values)

    def render(self, title: str, content: str, status: int = 200, *, head: str = "", style: str = "") -> HTMLResponse:
        """Render HTML; ``style`` is CSS besides the style sheets of the studio page."""
        document = _PAGE.substitute(
            language=self.language,
            page=escape(self.studio_path),
            root=escape(self.prefix),
            assets=escape(self.assets_path),
            title=escape(title),
            style=style,
            head=head,
            content=content,
        )
        headers = {
            "Content-Security-Policy": _security_policy(style),
            "Cache-Control": "no-store",
            "Vary": "Accept, Accept-Language",
        }
        return HTMLResponse(document, status, headers)

    def message(self, name: str, status: int, **values: object) -> HTMLResponse:
        """Render a page that states what is wrong, with links to the start page and the reference."""
        title = self.text(f"{name}_title")
        home, reference = escape(self.text("home")), escape(self.text("reference"))
        content = (
            f"<h1>{escape(title)}</h1><p>{escape(self.text(name, **values))}</p>"
            f'<p class="row"><a class="button primary" href="{escape(self.studio_path)}">{home}</a>'
            f'<a class="button" href="{escape(self.prefix)}/docs">{reference}</a></p>'
        )
        return self.render(title, content, status)


def render_unknown(request: Request) -> Response:
    """Render the page for an address that does not exist."""
    return PublicPage.for_request(request).message("unknown", 404)


def _find_language(accepted: str) -> str:
    """Return the first language of an ``Accept-Language`` header (RFC 9110, 12.5.4) that has texts, else English."""
    ranges = [_LANGUAGE_RANGE.fullmatch(part) for part in accepted.split(",")]
    weighted = [(float(found[2] or 1), found[1].lower()) for found in ranges if found and _is_number(found[2])]
    known = [name for weight, name in sorted(weighted, key=lambda pair: -pair[0]) if weight and name in _TEXTS]
    return known[0] if known else _DEFAULT_LANGUAGE


def _is_number(text: str | None) -> bool:
    return text is None or re.fullmatch(r"\d(\.\d{0,3})?", text) is not None


def _security_policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'sha256-{digest}'; img-src 'self'; "
        "media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
