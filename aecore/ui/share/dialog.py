"""The button that hands the page out, and the dialog it opens."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import streamlit as st

from aecore.ui.figures import picture
from aecore.ui.language import _
from aecore.ui.modules import module
from aecore.ui.page import ONWARD, show_html
from aecore.ui.parts import PARTS
from aecore.ui.routes import ASIDE, PAGES, current_page
from aecore.ui.share.links import (
    embedding,
    is_opened_on_this_computer,
    leads_to_this_computer_alone,
    link_to,
    qr_code,
    without_drawing,
)
from aecore.ui.stage import is_set, shows
from aecore.ui.state import Visit, mirror, visit

_FOLDER = Path(__file__).parent

_copy_field = st.components.v2.component(
    "copy_field",
    html='<div class="line"><input readonly>'
    '<button type="button"><span aria-live="polite"></span></button></div>',
    css=(_FOLDER / "copy_field.css").read_text(encoding="utf-8"),
    js=module(_FOLDER / "copy_field.js"),
)


def share_button() -> None:
    """The button in the frame of every page."""
    if st.button(_("Share"), icon=":material/qr_code_2:", key="share"):
        st.dialog(_("Share this page"), width="large")(_share)()


def _share() -> None:
    chosen = replace(visit(), only=_parts_to_show())
    link = link_to(chosen)
    code = _code_for(chosen, link)
    with st.container(key="handed_out" if code is not None else None):
        if code is not None:
            alt = _("QR code of the link to this page")
            show_html(f'<div class="qr">{picture(code, alt)}</div>')
        with st.container(key="links"):
            _link(chosen, link)
            if len(PARTS[current_page()]) > 1:
                _choose_parts()
    st.page_link(
        "pages/teaching.py", label=_("A lesson of 45 minutes, with a worksheet"), icon=ONWARD
    )


def _code_for(chosen: Visit, link: str) -> str | None:
    """The QR code of the link; of one without the drawing, which this says, if that is too long.

    None where a phone that read it would look for the lab on itself.
    """
    if leads_to_this_computer_alone(link):
        return None
    code = qr_code(link)
    if code is None:
        st.info(
            _(
                "With your drawing in it, this link is too long for a QR code. The code below "
                "leads to the same page with a test digit."
            )
        )
        code = qr_code(link_to(without_drawing(chosen)))
    return code


def _link(chosen: Visit, link: str) -> None:
    st.markdown(_("**The link.** It holds all that you chose on this page."))
    _to_copy(_("Link to this page"), link)
    if leads_to_this_computer_alone(link):
        st.info(
            _(
                "This address works on this computer only. For the room, open the lab by the "
                "computer's name or number in the network, and share from there."
            )
        )
    elif is_opened_on_this_computer():
        st.caption(
            _(
                "This is how others in the same network find this computer. If it does not open "
                "there, a firewall or a VPN stands between."
            )
        )
    if chosen.sketch:
        st.markdown(_("**Without your drawing**, looking at a test digit:"))
        _to_copy(_("Link without the drawing"), link_to(without_drawing(chosen)))
    st.markdown(_("**In slides or a course site**, without the menu at the top:"))
    title = _((PAGES | ASIDE)[current_page()])
    _to_copy(_("Code to embed this page"), embedding(link, f"Autoencoder Lab: {title}"))


def _to_copy(name: str, text: str) -> None:
    words = {"name": name, "text": text, "copy": _("Copy"), "copied": _("Copied")}
    _copy_field(key=f"copy {name}", data=words)


def _choose_parts() -> None:
    """What the link will show of this page; a lesson may leave out what it does not need yet."""
    st.markdown(_("**Set the stage.** The link shows only the parts that are ticked:"))
    with st.container(key="parts", gap="small"):
        for name, title in PARTS[current_page()].items():
            st.checkbox(_(title), value=shows(name), key=_key(name))
    if not is_set(_ticked()) and not _is_whole(_ticked()):
        st.info(_("Tick one part besides the title. Until then, the link shows the whole page."))
    if st.button(_("Show it like this"), key="set_the_stage"):
        visit().only = _parts_to_show()
        mirror()
        st.rerun()  # the whole page, which closes the dialog


def _key(name: str) -> str:
    return f"part_{name}_{current_page()}"


def _ticked() -> list[str]:
    return [name for name in PARTS[current_page()] if st.session_state.get(_key(name), shows(name))]


def _is_whole(names: list[str]) -> bool:
    return len(names) == len(PARTS[current_page()])


def _parts_to_show() -> tuple[str, ...]:
    """What the link's `only` is to be: the ticked parts here, and the stages of other pages."""
    ticked = _ticked()
    here = ticked if is_set(ticked) and not _is_whole(ticked) else []
    return (*here, *(name for name in visit().only if name not in PARTS[current_page()]))
