"""The frame around every page: what happens whenever a visitor opens or touches one."""

import streamlit as st

from aecore.ui.admission import stop_at_the_door
from aecore.ui.canvas import restore_drawing
from aecore.ui.language import _, language_switch
from aecore.ui.onward import way_onward
from aecore.ui.page import favicon, say_refused, wear_the_look
from aecore.ui.reconnection import run_again_after_a_cut
from aecore.ui.routes import correct_the_address, page_asked_for
from aecore.ui.screen_reader import tell_screen_readers
from aecore.ui.service import keep_what_is_shown
from aecore.ui.share.dialog import share_button
from aecore.ui.stage import set_the_stage, way_back
from aecore.ui.state import arrive, mirror
from aecore.ui.turnstile import turnstile


def show() -> None:
    """Show the page that the address asks for."""
    correct_the_address()
    refused = arrive()
    restore_drawing()
    page = page_asked_for()
    lab = _("Autoencoder Lab")
    st.set_page_config(page_title=f"{page.title} · {lab}", page_icon=favicon(), layout="wide")
    mirror()  # already here: a run that is cut short shall not leave the choices out of the address
    wear_the_look()
    set_the_stage()
    tell_screen_readers()
    run_again_after_a_cut()
    if not st.context.is_embedded:
        with st.container(key="frame", horizontal=True):
            share_button()
            language_switch()
    stop_at_the_door()
    say_refused(refused)
    keep_what_is_shown()
    with turnstile():
        page.run()
        if not st.context.is_embedded:
            way_back()
            way_onward()
    mirror()
