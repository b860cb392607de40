"""The settings of TLS: which of them fit each other."""

from __future__ import annotations

from cyclopts import ArgumentCollection

from hubbub.config.sources import SettingRefused, chosen


def encryption_fits(arguments: ArgumentCollection) -> None:
    """Raises `SettingRefused` for what contradicts."""
    tls, said_tls = chosen(arguments, "--tls")
    cert, said_cert = chosen(arguments, "--tls-cert")
    key, said_key = chosen(arguments, "--tls-key")
    domains, said_domains = chosen(arguments, "--tls-domain")
    if cert and not key:
        raise SettingRefused(f"{said_cert} needs --tls-key, too: the file with its private key.")
    if key and not cert:
        raise SettingRefused(f"{said_key} needs --tls-cert, too: the file with the certificate.")
    if cert and domains:
        raise SettingRefused(
            f"{said_cert} and {said_domains} are two certificates. Leave one of them out."
        )
    given = said_cert if cert else said_domains if domains else ""
    if given and tls == "off":
        raise SettingRefused(f"{given} is of no use with {said_tls}. Leave one of them out.")
    if given and tls == "auto":
        raise SettingRefused(
            f"{said_tls} is for a server without a certificate, and there is {given}. "
            "Allowed with it: --tls on, or required."
        )
    email, said_email = chosen(arguments, "--acme-email")
    if email and not domains:
        raise SettingRefused(f"{said_email} is for --tls-domain, which is not set.")
    for flag in ("--irc-tls-port", "--irc-sts-days"):
        wanted, said = chosen(arguments, flag)
        if wanted and not given and tls in ("off", "default"):
            raise SettingRefused(
                f"{said} needs encryption: --tls-cert, --tls-domain or --tls auto."
            )
