"""Autoencoder Lab: `streamlit run app.py`."""

import streamlit as st

from aecore.ui.language import _, language_switch
from aecore.ui.memory_limits import be_thrifty
from aecore.ui.page import favicon, say_refused, wear_the_look
from aecore.ui.state import arrive, mirror
from aecore.ui.turnstile import turnstile

be_thrifty()
st.set_page_config(page_title="Autoencoder Lab", page_icon=favicon(), layout="wide")
refused = arrive()

page = st.navigation(
    [
        st.Page("pages/learn.py", title=_("Learn"), url_path="learn", default=True),
        st.Page("pages/train.py", title=_("Train"), url_path="train"),
        st.Page("pages/draw.py", title=_("Draw"), url_path="draw"),
        st.Page("pages/denoise.py", title=_("Denoise"), url_path="denoise"),
        st.Page("pages/inside.py", title=_("Inside"), url_path="inside"),
        st.Page("pages/latent.py", title=_("Latent space"), url_path="latent"),
    ],
    position="top",
)
mirror()  # already here: a run that is cut short shall not leave the address without the choices
wear_the_look()
with st.container(key="language"):
    language_switch()
say_refused(refused)
with turnstile():
    page.run()
mirror()
