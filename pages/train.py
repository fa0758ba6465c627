"""Train: put a network together, watch it learn, stop it, replay it."""

import streamlit as st

from aecore.ui.language import _
from aecore.ui.page import bench, page_heading, say_if_broken
from aecore.ui.predictions import list_predictions
from aecore.ui.service import trainer
from aecore.ui.stage import shows
from aecore.ui.train import asking, comparison, watching

page_heading(_("Watch a network learn"), asking.invitation())

with say_if_broken():
    trainer().warm_up()
    if shows("networks"):
        asking.choose_network()
    settings, results = bench()
    with settings:
        if shows("settings"):
            asking.draw_network()
            asking.choose_settings()
        spec = asking.asked_spec()
        if shows("trained"):
            asking.choose_trained()
    with results:
        if shows("training"):
            is_asked = spec is not None and asking.train_button(spec)
            watching.watch(is_asked=is_asked)

if shows("runs"):
    st.header(_("Does a bigger code help?"), anchor="compare")
    with say_if_broken():
        comparison.choose_runs()
        comparison.compare()

list_predictions("train")
