"""From page to page, in the order of a lesson."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from aecore.ui.onward import INVITATIONS


def links(app: AppTest) -> list[str]:
    return [each.proto.label for each in app.get("page_link")]


def test_each_page_s_foot_leads_to_the_next_one_and_the_last_s_nowhere() -> None:
    app = AppTest.from_file("../../app.py", default_timeout=120)
    app.run()
    assert set(links(app)) == set(INVITATIONS.values()) - {INVITATIONS["inside"]}
    app.switch_page("pages/train.py").run()
    for following in ("draw", "denoise", "inside", "latent"):
        assert links(app)[-1] == INVITATIONS[following]
        app.switch_page(f"pages/{following}.py").run()
        assert not app.exception
    assert not links(app)


def test_a_part_shown_alone_leads_nowhere() -> None:
    app = AppTest.from_file("../../app.py", default_timeout=120)
    app.query_params["only"] = "training"
    app.run().switch_page("pages/train.py").run()
    assert not app.exception
    assert not links(app)
