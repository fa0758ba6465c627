"""The button that takes a training home: its code, and what came of it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from aecore.datasets import MNIST_FILE
from aecore.specs import TrainingSpec
from aecore.takehome.script import notebook, script
from aecore.ui.language import _, translator


def take_home(spec: TrainingSpec, *, key: str) -> None:
    """A button that opens all there is to take home of `spec`; files are made when clicked."""
    translate = translator()
    name = f"autoencoder_{spec.architecture}"
    with st.popover(_("Take it home"), icon=":material/home:", key=f"take_home_{key}"):
        st.markdown(
            _(
                "The code of exactly this training, to run and to change. It needs two packages: "
                "`pip install tensorflow matplotlib`."
            )
        )
        _download(_("Python script"), f"{name}.py", lambda: script(spec, translate), key)
        _download(_("Jupyter notebook"), f"{name}.ipynb", lambda: notebook(spec, translate), key)
        st.caption(_("No Internet at home? Put the digits beside it:"))
        _download(_("MNIST, 11.5 MB"), "mnist.npz", MNIST_FILE.read_bytes, key)


def _download(label: str, name: str, make: Callable[[], str | bytes], key: str) -> None:
    """A link to a file that is made when it is clicked, without running the page again."""
    st.download_button(
        label,
        data=make,
        file_name=name,
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
        key=f"{name}_{key}",
    )
