"""Why there is no certificate from an ACME server, in sentences that say what to do."""

from __future__ import annotations

from collections.abc import Iterable

MAX_DETAIL_CHARS = 300  # of what the ACME server says

CONNECTION = (
    "the ACME server cannot connect to {domain}. Its port 443 (or 80) must lead to this server's "
    "port {port}: look at the router and the firewall"
)
NOT_HERE = (
    "the ACME server does not find this server at {domain}. Its port 443, without a proxy that "
    "takes TLS off, or its port 80 must lead to this server's port {port}"
)
ADVICE = {
    "dns": "the name {domain} leads nowhere. It needs an A or AAAA record with the address under "
    "which the internet reaches this computer",
    "dnssec": "the name {domain} cannot be looked up safely (DNSSEC): look at its DNS records",
    "connection": CONNECTION,
    "tls": NOT_HERE,
    "unauthorized": NOT_HERE,
    "incorrectResponse": NOT_HERE,
    "caa": "the DNS records of {domain} allow other authorities only (CAA)",
    "rejectedIdentifier": "this ACME server gives no certificate for {domain}",
    "unsupportedIdentifier": "this ACME server gives no certificate for {domain}",
    "rateLimited": "the ACME server was asked too often, and wants a pause",
    "serverInternal": "the ACME server has a fault of its own",
    "externalAccountRequired": "this ACME server serves known accounts only, which Hubbub does not "
    "have (external account binding)",
    "invalidContact": "the ACME server does not accept the address of --acme-email",
    "unsupportedContact": "the ACME server does not accept the address of --acme-email",
    "userActionRequired": "the ACME server wants its terms to be accepted anew",
}


def advice(code: str, domain: str, port: int, detail: str) -> str:
    """A sentence for an error of the ACME server about ``domain``; ``port`` is our own."""
    detail = "".join(char if char.isprintable() else " " for char in detail)[:MAX_DETAIL_CHARS]
    known = ADVICE.get(code)
    if known is None:
        return f"{_begun(domain)}the ACME server refuses it ({code}): {_whole(detail)}"
    words = known.format(domain=domain, port=port)
    said = f" It says: {_whole(detail)}" if detail else ""
    return f"{_begun(domain)}{words}.{said}"


def unreachable(server: str, why: str) -> str:
    """A sentence for an ACME server that was not reached."""
    return f"The ACME server {server} cannot be reached: {_whole(why)}"


def refused(troubles: Iterable[str]) -> str:
    """All of them, each once."""
    return " ".join(dict.fromkeys(troubles))


def _begun(domain: str) -> str:
    return f"No certificate for {domain}: " if domain else "No certificate: "


def _whole(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
