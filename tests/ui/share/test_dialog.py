"""What the Share dialog says, without a browser."""

from __future__ import annotations

import json
import random
import socket
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from streamlit.testing.v1 import AppTest

from aecore.filters import FILTERS
from aecore.shipped import SHIPPED
from aecore.sketch import Stroke, pack
from aecore.ui.parts import PART_NAMES
from aecore.ui.share import links, network
from aecore.ui.share.links import embedding, leads_to_this_computer_alone, qr_code
from aecore.ui.state import MOST_COMPARED, MOST_OWN, Visit, in_address
from tests.conftest import PROJECT

SOME = random.Random(1)  # noqa: S311
SCRIBBLE = pack(
    [
        Stroke(9, tuple((SOME.randrange(255), SOME.randrange(255)) for _point in range(175)))
        for _stroke in range(3)
    ]
)
"""About the longest drawing that a link may hold."""


def shared(opened_at: str = "http://lab.school:8501", **query: str) -> AppTest:
    test = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    test.context = {"url": opened_at}
    test.query_params.update(query)
    test.run()
    test.button(key="share").click().run()
    assert not test.exception
    return test


def test_a_drawing_too_long_for_a_code_is_left_out_of_it_in_one_sentence() -> None:
    assert len(SCRIBBLE) > 1_300
    said = [each.value for each in shared(sketch=SCRIBBLE, source="drawing").info]
    assert [each for each in said if "too long for a QR code" in each]
    assert not [each.value for each in shared().info if "too long" in each.value]


def test_the_parts_that_are_shown_are_ticked() -> None:
    test = shared(only="losses")
    assert [box.key for box in test.checkbox if box.value] == ["part_losses_learn"]
    assert all(box.value for box in shared().checkbox)


def test_the_dialog_is_said_in_chinese() -> None:
    test = shared(language="zh")
    assert {box.label for box in test.checkbox} >= {"标题和开头的问题"}


@pytest.mark.parametrize(
    ("length", "fits"), [(30, True), (600, True), (1_273, True), (1_274, False), (5_000, False)]
)
def test_a_code_is_no_finer_than_can_be_read(length: int, fits: bool) -> None:  # noqa: FBT001
    assert (qr_code("https://lab.example/?" + "a" * (length - 21)) is not None) == fits


def test_the_longest_link_without_a_drawing_fits_into_a_code() -> None:
    runs = tuple(f"{number:016x}" for number in range(MOST_COMPARED))
    full = Visit(
        language="zh",
        digit=9_999,
        source="drawing",
        models=(*SHIPPED, "pca", *runs[:MOST_OWN]),
        filters=FILTERS[:2],
        noise_kind="salt_and_pepper",
        noise_level=0.55,
        draw_noise=0.35,
        noise_seed=9_999,
        lesson_noise=1.25,
        map_model=runs[0],
        inside_model=runs[1],
        cloud_noise=0.35,
        run=runs[2],
        compared=runs,
        architecture="plain",
        code_size=128,
        training_noise=0.4,
        images=10_000,
        epochs=60,
        batch_size=1_024,
        learning_rate=3e-4,
        seed=9_999,
        only=PART_NAMES,
    )
    query = urlencode(in_address(full), safe=",")
    assert qr_code(f"https://autoencoder-lab.school.example/denoise?{query}") is not None


def test_what_is_embedded_is_escaped() -> None:
    code = embedding('https://lab.example/draw?a=1&b="><script>', "A & B")
    assert "<script>" not in code
    assert (
        'src="https://lab.example/draw?a=1&amp;b=&quot;&gt;&lt;script&gt;&amp;embed=true"' in code
    )
    assert 'title="A &amp; B"' in code


def embedded_link(test: AppTest) -> str:
    """The address of what the dialog's code would embed: its fields are no element of AppTest."""
    sent = (each.proto.json for each in test.get("bidi_component"))
    data = [json.loads(each) for each in sent if each]
    return next(each["text"] for each in data if each.get("name") == "Link to this page")


def has_code(test: AppTest) -> bool:
    return any("QR code" in markup.value for markup in test.get("html"))


@pytest.mark.parametrize("here", ["http://localhost:8501", "http://127.0.0.1:8501/"])
def test_at_localhost_the_room_gets_the_address_that_it_can_reach(
    here: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "host_for_others", lambda: "192.168.1.20")
    test = shared(here)
    assert has_code(test)
    assert embedded_link(test).startswith("http://192.168.1.20:8501")
    assert any("find this computer" in each.value for each in test.caption)
    assert "192.168.1.20" not in embedded_link(shared())


def test_where_nobody_knows_that_address_there_is_no_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "host_for_others", lambda: None)
    test = shared("http://localhost:8501")
    assert not has_code(test)
    assert embedded_link(test).startswith("http://localhost:8501")
    assert any("on this computer only" in each.value for each in test.info)


@pytest.mark.parametrize(
    ("comes_from", "headers", "listens_at", "told"),
    [
        (None, {}, None, "192.168.1.20"),
        (None, {}, "0.0.0.0", "192.168.1.20"),  # noqa: S104
        (None, {}, "10.0.0.7", "10.0.0.7"),
        (None, {}, "127.0.0.1", None),
        (None, {}, "localhost", None),
        (None, {"X-Forwarded-For": "203.0.113.9"}, None, None),
        ("::ffff:127.0.0.1", {}, None, "192.168.1.20"),
        ("::ffff:203.0.113.9", {}, None, None),
        ("203.0.113.9", {}, None, None),
    ],
)
def test_strangers_are_not_told_the_hosts_address(
    comes_from: str | None,
    headers: dict[str, str],
    listens_at: str | None,
    told: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    context = SimpleNamespace(ip_address=comes_from, headers=headers)
    asked = SimpleNamespace(context=context, get_option=lambda _name: listens_at)
    monkeypatch.setattr(network, "st", asked)
    monkeypatch.setattr(network, "address_in_the_network", lambda: "192.168.1.20")
    assert network.host_for_others() == told


def test_without_a_network_there_is_no_address_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(_self: socket.socket, _address: object) -> None:
        raise OSError

    class Nowhere(socket.socket):
        connect = unreachable

    monkeypatch.setattr(network.socket, "socket", Nowhere)
    assert network.address_in_the_network() is None


@pytest.mark.parametrize(
    ("link", "alone"),
    [
        ("http://localhost:8501/draw", True),
        ("http://127.0.0.1/", True),
        ("http://127.0.0.53:8501/", True),
        ("http://[::1]:8501/", True),
        ("http://[::ffff:127.0.0.1]:8501/", True),
        ("http://0.0.0.0:8501/", True),
        ("", False),
        ("http://192.168.1.20:8501/", False),
        ("https://localhost.example/", False),
    ],
)
def test_it_is_said_when_nobody_else_can_follow(link: str, alone: bool) -> None:  # noqa: FBT001
    assert leads_to_this_computer_alone(link) == alone
