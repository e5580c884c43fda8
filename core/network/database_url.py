"""Read the URL of a Postgres with the connection parameters of libpq.

A parameter is passed to the driver, is accepted because its value describes what is done anyway, or is refused.
See https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

EXAMPLE: Final = "postgresql://user:password@host:5432/name"

_SCHEMES: Final = ("postgres", "postgresql", "postgresql+asyncpg")
_SSL_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")

_PASSED: Final = frozenset(
    {"user", "password", "passfile", "dbname", "service", "options", "krbsrvname", "gsslib"}
    | {"sslcert", "sslkey", "sslrootcert", "sslcrl", "sslpassword"}
    | {"ssl_min_protocol_version", "ssl_max_protocol_version"}
)
"""Parameters that asyncpg reads from a URL, with any value."""

_CHOICES: Final[Mapping[str, Collection[str]]] = {
    "sslmode": _SSL_MODES,
    "sslnegotiation": ("postgres", "direct"),
    "target_session_attrs": ("any", "read-write", "primary"),
}
"""Parameters that are passed on with one of these values; this product writes, so a standby is of no use."""

_IMPLIED: Final[Mapping[str, Collection[str]]] = {
    "channel_binding": ("disable", "prefer"),
    "gssencmode": ("disable", "prefer"),
    "sslcompression": ("0",),
    "sslsni": ("1",),
    "sslcertmode": ("allow",),
    "client_encoding": ("UTF8", "utf8", "UTF-8", "utf-8", "auto"),
    "load_balance_hosts": ("disable",),
    "replication": ("false", "off", "no", "0"),
    "min_protocol_version": ("3.0",),
    "max_protocol_version": ("3.0", "3.2", "latest"),
}
"""Parameters with the values that describe what the driver does anyway."""

_IGNORED: Final = frozenset(
    {"keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout"}
    | {"fallback_application_name"}
)
"""Parameters without effect: servers and workers detect a silent connection themselves."""

_HINTS: Final[Mapping[str, str]] = {
    "channel_binding": "the driver has no channel binding; use channel_binding=prefer with sslmode=verify-full",
    "target_session_attrs": "the database is written to; use read-write or primary",
    "hostaddr": "use the IP address as the host",
    "require_auth": "the driver cannot enforce it; use sslmode=verify-full",
    "schema": "use options=-csearch_path%3Dname",
    "pgbouncer": "set MUSIC_STUDIO_DATABASE__POOLING=transaction instead",
    "statement_cache_size": "set MUSIC_STUDIO_DATABASE__POOLING=transaction instead",
    "prepared_statement_cache_size": "set MUSIC_STUDIO_DATABASE__POOLING=transaction instead",
    "gssencmode": "the driver encrypts with TLS only; use gssencmode=disable",
}
"""What to do about a refused parameter."""

_HOST: Final = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+(?:%[\w.-]+)?\]|[^:\[\]@/]*)(?::(?P<port>\d*))?")


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """One URL for each host, in the order in which they are tried, and what applies to all of them."""

    hosts: tuple[str, ...]
    connect_seconds: float | None
    application_name: str
    uses_system_certificates: bool = False


def parse(url: str) -> DatabaseUrl:
    """Parse a URL. Raises ValueError with one sentence for the operator, without the password."""
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES:
        raise ValueError(f"must begin with postgresql://, as in {EXAMPLE}")
    userinfo, _, host_list = parts.netloc.rpartition("@")
    if parts.fragment or "@" in userinfo:
        raise ValueError("has a special character in its user or password; encode it, such as %40 for @ or %23 for #")
    parameters = _parse_parameters(parts.query)
    hosts = _parse_hosts(host_list, parameters.pop("host", ""), parameters.pop("port", ""))
    if len(hosts) > 1:
        parameters.setdefault("target_session_attrs", "read-write")
    uses_system_certificates = parameters.get("sslrootcert") == "system"
    if uses_system_certificates:
        del parameters["sslrootcert"]
        if parameters.setdefault("sslmode", "verify-full") != "verify-full" or "sslcert" in parameters:
            raise ValueError("has sslrootcert=system, which needs sslmode=verify-full and no sslcert")
    connect_seconds = _parse_connect_timeout(parameters.pop("connect_timeout", ""))
    application_name = parameters.pop("application_name", "") or "music-studio"
    passed = {name: value for name, value in parameters.items() if name in _PASSED or name in _CHOICES}
    urls = [_build(userinfo, host, port, parts.path, passed) for host, port in hosts]
    return DatabaseUrl(tuple(urls), connect_seconds, application_name, uses_system_certificates)


def check_url(url: str) -> str:
    """Return the URL unchanged. Raises ValueError as ``parse`` does."""
    parse(url)
    return url


def _parse_parameters(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError:
        raise ValueError("has parameters that are not name=value, separated by &") from None
    parameters: dict[str, str] = {}
    for name, value in pairs:
        if name == "ssl":
            # the name of this parameter in other drivers
            modes = {"true": "require", "1": "require", "false": "disable", "0": "disable"}
            parameters["sslmode"] = modes.get(value.lower(), value)
        else:
            parameters["dbname" if name == "database" else name] = value
    for name, value in parameters.items():
        _check_parameter(name, value)
    return {name: value for name, value in parameters.items() if value}


def _check_parameter(name: str, value: str) -> None:
    """Raise ValueError for a parameter or a value that is not supported."""
    if not value or name in _PASSED | _IGNORED | {"host", "port", "connect_timeout", "application_name"}:
        return
    allowed = _CHOICES.get(name) or _IMPLIED.get(name)
    if allowed and value in allowed:
        return
    hint = _HINTS.get(name) or (f"use {' or '.join(allowed)}" if allowed else "remove it")
    if allowed:
        raise ValueError(f"has {name}={value}, which is not supported: {hint}")
    raise ValueError(f"has the parameter {name}, which is not supported: {hint}")


def _parse_hosts(in_authority: str, in_query: str, ports_in_query: str) -> list[tuple[str, str]]:
    """Return pairs of host and port, as text, both possibly empty."""
    hosts: list[tuple[str, str]] = []
    # a folder of sockets in the query contains slashes, which the pattern excludes
    for entry in in_authority.split(",") if in_authority or not in_query else ():
        match = _HOST.fullmatch(entry)
        if match is None:
            raise ValueError(
                "has a host or port that cannot be read; encode special characters of the password, such as %2F for /"
            )
        hosts.append((unquote(match["host"]), match["port"] or ""))
    hosts = hosts or [(host, "") for host in in_query.split(",")]
    ports = ports_in_query.split(",") if ports_in_query else []
    if len(ports) > 1 and len(ports) != len(hosts):
        raise ValueError(f"has {len(ports)} ports for {len(hosts)} hosts; give one port, or one for each host")
    if ports:
        hosts = [(host, port or ports[at % len(ports)]) for at, (host, port) in enumerate(hosts)]
    for _, port in hosts:
        if port and not (port.isdecimal() and 0 < int(port) < 65_536):  # noqa: PLR2004  the ports of TCP
            raise ValueError(f"has the port {port}; it must be a number from 1 to 65535")
    return hosts


def _parse_connect_timeout(value: str) -> float | None:
    """Return seconds; None without a limit of the URL. As in libpq, 0 and negative numbers mean no limit."""
    if not value:
        return None
    try:
        seconds = int(value)
    except ValueError:
        raise ValueError(f"has connect_timeout={value}; it must be a whole number of seconds") from None
    return float(seconds) if seconds > 0 else None


def _build(userinfo: str, host: str, port: str, path: str, parameters: Mapping[str, str]) -> str:
    query = dict(parameters)
    if host.startswith("/"):
        query["host"], host = host, ""
        if port:
            query["port"], port = port, ""
    authority = f"{userinfo}@" if userinfo else ""
    authority += host if host.startswith("[") else quote(host, safe="")
    authority += f":{port}" if port else ""
    return f"postgresql://{authority}{path}" + (f"?{urlencode(query, quote_via=quote)}" if query else "")
