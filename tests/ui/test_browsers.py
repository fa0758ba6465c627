"""Who is let in, and who is here."""

from __future__ import annotations

from aecore.ui.browsers import Browsers


class Door:
    def __init__(self, *, sessions: int, browser_sessions: int) -> None:
        self.connected: set[str] = set()
        self.browsers = Browsers(
            self.connected.__contains__, sessions=sessions, browser_sessions=browser_sessions
        )

    def knock(self, session: str, visitor: str) -> str | None:
        self.connected.add(session)
        return self.browsers.let_in(session, visitor)


def test_a_full_server_lets_in_as_soon_as_somebody_leaves() -> None:
    door = Door(sessions=2, browser_sessions=9)
    assert [door.knock(name, name) for name in "ab"] == [None, None]
    assert door.knock("c", "c") == "server_is_full"
    assert door.knock("a", "a") is None  # whoever is in stays in
    door.connected.remove("b")
    assert door.knock("c", "c") is None
    assert door.browsers.count() == 2


def test_one_browser_cannot_take_all_places() -> None:
    door = Door(sessions=9, browser_sessions=2)
    assert [door.knock(name, "mine") for name in "ab"] == [None, None]
    assert door.knock("c", "mine") == "browser_is_full"
    assert door.knock("d", "another") is None
    door.connected.remove("a")
    assert door.knock("c", "mine") is None


def test_a_visitor_is_here_while_one_of_his_pages_is_open() -> None:
    door = Door(sessions=9, browser_sessions=9)
    door.knock("before", "mine")
    door.knock("after", "mine")
    door.connected.remove("before")
    assert door.browsers.is_here("mine")
    door.connected.remove("after")
    assert not door.browsers.is_here("mine")
    assert not door.browsers.is_here("nobody")
