"""Where others in the network find this computer: told to nobody but whoever sits at it."""

from __future__ import annotations

import ipaddress
import socket

import streamlit as st

_ELSEWHERE = ("192.0.2.1", 9)
"""An address that is kept for documentation: nothing is sent to it."""

_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - it is looked for


def host_for_others() -> str | None:
    """The address by which others reach this server, for a visitor who sits at its computer.

    None for every other visitor; and if it is not known, or if the server answers this computer
    alone, as behind a proxy.
    """
    comes_from = st.context.ip_address  # None for some of the ways to this computer itself
    if "X-Forwarded-For" in st.context.headers or not is_this_computer(comes_from or "localhost"):
        return None
    listens_at = st.get_option("server.address")
    host = address_in_the_network() if listens_at in (None, *_EVERYWHERE) else str(listens_at)
    return None if host is None or is_this_computer(host) else host


def address_in_the_network() -> str | None:
    """The address of this computer where it goes out into the network; None without one.

    Connecting a UDP socket sends nothing: it only asks which way a packet would take.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)
        except OSError:
            return None
        return str(probe.getsockname()[0])


def is_this_computer(host: str) -> bool:
    """Whether a name or number means, to whoever uses it, his own computer."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    # A server for both kinds of addresses sees an old one within a new one: ::ffff:127.0.0.1.
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or address.is_unspecified
