"""Autoencoder Lab: `streamlit run app.py`."""

from aecore.ui.frame import show

show()
