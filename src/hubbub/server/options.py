"""The settings that the server's connections use: where it listens, and what it waits for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from hubbub.hub.settings import NO_LIMIT, ClientLimits
from hubbub.setting import names
from hubbub.setting.declaration import Group, Setting
from hubbub.setting.kinds import KIB, MIB, Checked, Choice, Listed, Place, Seconds, Size, Whole

_HOST_NAME = Checked(names.host_name, "a host name such as chat.example.org, without a port")
_HOST = Checked(names.host, "an IP address or a host name, without a port", metavar="HOST")
_ORIGIN = Checked(names.origin, "an origin such as https://chat.example.org", metavar="ORIGIN")


@dataclass(frozen=True, kw_only=True)
class Options(ClientLimits):
    """Values are checked where they are read (`hubbub.config`)."""

    host: Annotated[
        tuple[str, ...],
        Setting(
            Group.LISTENING,
            Listed(_HOST, empty=False),
            "Addresses to listen on. 127.0.0.1: only this computer can connect; :: lets in "
            "everyone who can reach it over a network, without encryption, and 0.0.0.0 over IPv4 "
            "alone.",
        ),
    ] = ("127.0.0.1",)
    port: Annotated[
        int,
        Setting(
            Group.LISTENING,
            Whole(0, 65_535, zero="any free port", metavar="PORT"),
            "Port to listen on, for every kind of client; 0 takes any free one.",
        ),
    ] = 8080
    irc_port: Annotated[
        int,
        Setting(
            Group.LISTENING,
            Whole(0, 65_535, zero="none", metavar="PORT"),
            "One more port, for programs that look for IRC at 6667. The other one takes IRC, too.",
        ),
    ] = 0
    irc_tls_port: Annotated[
        int,
        Setting(
            Group.LISTENING,
            Whole(0, 65_535, zero="none", metavar="PORT"),
            "One more port, for programs that look for encrypted IRC at 6697. Needs TLS.",
        ),
    ] = 0
    irc_sts_days: Annotated[
        int,
        Setting(
            Group.LISTENING,
            Whole(0, 365, zero="not told", metavar="DAYS"),
            "For so long programs for IRC that have been here connect encrypted only (STS). They "
            "believe only a certificate of an authority that they know.",
        ),
    ] = 0
    socket: Annotated[
        str,
        Setting(
            Group.LISTENING,
            Checked(names.printable, "the path of a Unix socket", nothing="none", metavar="PATH"),
            "A Unix socket to listen on as well, for a proxy on this computer. Who may open it is "
            'who may write to it: its user and its group; "": none.',
        ),
    ] = ""
    tls: Annotated[
        str,
        Setting(
            Group.LISTENING,
            Choice("default", "off", "on", "auto", "required"),
            "Whether clients may encrypt, on the same port. on: they may; auto: likewise, by a "
            "certificate that the server makes for itself; required: nobody from another computer "
            "is served without; default: on with a certificate (tls-cert, tls-domain), else off.",
        ),
    ] = "default"
    tls_cert: Annotated[
        Path | None,
        Setting(
            Group.LISTENING,
            Place(folder=False),
            "File with the certificate, and those between it and its authority, as PEM. It is read "
            "again when it changes, and at SIGHUP.",
        ),
    ] = None
    tls_key: Annotated[
        Path | None,
        Setting(
            Group.LISTENING,
            Place(folder=False),
            "File with the certificate's private key, as PEM. Nobody else on this computer may "
            "read it.",
        ),
    ] = None
    tls_domain: Annotated[
        tuple[str, ...],
        Setting(
            Group.LISTENING,
            Listed(_HOST_NAME),
            "Names for which the server gets itself a certificate, and renews it (ACME). They must "
            "lead to this computer, and its port 443, or 80, to this server.",
        ),
    ] = ()
    acme_server: Annotated[
        str,
        Setting(
            Group.LISTENING,
            Checked(names.url, "the address of an ACME directory", metavar="URL"),
            "Who is asked for the certificate of tls-domain.",
        ),
    ] = "https://acme-v02.api.letsencrypt.org/directory"
    acme_email: Annotated[
        str,
        Setting(
            Group.LISTENING,
            Checked(names.printable, "an e-mail address", nothing="none", metavar="EMAIL"),
            "Where they write to when something is wrong with the certificate.",
        ),
    ] = ""
    trusted_proxies: Annotated[
        tuple[str, ...],
        Setting(
            Group.LISTENING,
            Listed(
                Checked(
                    names.network,
                    "an address or a network such as 10.0.0.0/8, or unix",
                    metavar="NETWORK",
                )
            ),
            "Proxies that are believed when they say for whom they connect (PROXY protocol, "
            "Forwarded, X-Forwarded-For and -Proto); unix: who connects by the Unix socket.",
        ),
    ] = ()
    path_prefix: Annotated[
        str,
        Setting(
            Group.LISTENING,
            Checked(names.path_prefix, "a path such as /chat", nothing="none", metavar="PATH"),
            "The path under which a proxy shows this server's page.",
        ),
    ] = ""

    motd: Annotated[
        str,
        Setting(
            Group.PEOPLE,
            Checked(names.printable, "a line of text, or @ and the path of a file", nothing="none"),
            "The message of the day, which programs for IRC show when they come: a line, or @FILE.",
        ),
    ] = ""
    sessions: Annotated[
        int,
        Setting(
            Group.LIMITS, Whole(0, 1_000_000, zero=NO_LIMIT), "Connections in all; 0: no limit."
        ),
    ] = 10_000
    outbox_bytes: Annotated[
        int,
        Setting(
            Group.LIMITS,
            Size(16 * KIB, 64 * MIB),
            "Bytes kept for a client that reads slowly; beyond that it catches up from the log.",
        ),
    ] = 256 * KIB
    first_bytes_seconds: Annotated[
        float,
        Setting(
            Group.LIMITS,
            Seconds(1, 600),
            "Seconds that the first bytes of a connection, or the head of a request, may take.",
        ),
    ] = 10.0
    name_seconds: Annotated[
        float,
        Setting(Group.LIMITS, Seconds(5, 3600), "Seconds that a client may take to say its name."),
    ] = 120.0
    ping_seconds: Annotated[
        float,
        Setting(Group.LIMITS, Seconds(1, 3600), "Seconds between pings to a WebSocket client."),
    ] = 20.0
    idle_seconds: Annotated[
        float,
        Setting(
            Group.LIMITS,
            Seconds(2, 7200),
            "Seconds without any sign of life after which a WebSocket client counts as lost.",
        ),
    ] = 45.0

    allowed_origins: Annotated[
        tuple[str, ...],
        Setting(
            Group.SAFETY,
            Listed(_ORIGIN),
            "Other web sites whose pages may chat here from a browser; the server's own page may.",
        ),
    ] = ()
    allowed_hosts: Annotated[
        tuple[str, ...],
        Setting(
            Group.SAFETY,
            Listed(_HOST_NAME),
            "Names under which browsers may open this server, beside IP addresses, localhost and "
            "this computer's own name; all others are refused, against DNS rebinding.",
        ),
    ] = ()
    metrics: Annotated[
        Literal["loopback", "all", "off"],
        Setting(
            Group.SAFETY,
            Choice("loopback", "all", "off"),
            "Who may read /metrics. loopback: only this computer.",
        ),
    ] = "loopback"
