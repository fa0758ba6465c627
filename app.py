"""Autoencoder Lab: `streamlit run app.py`."""

import streamlit as st

if __name__ == "__main__":  # Streamlit runs this file whenever a visitor opens or touches a page,
    from aecore.ui.frame import show

    show()
else:  # and imports it once, when the server starts.
    from starlette.middleware import Middleware

    from aecore.ui.headers import ForbiddingHeaders
    from aecore.ui.opening import opening_hours
    from aecore.ui.parcels import Parcels
    from aecore.ui.preloading import Preloading
    from aecore.ui.static_files import StaticFiles

    app = st.App(
        __file__,
        lifespan=opening_hours,
        middleware=[
            Middleware(ForbiddingHeaders),
            Middleware(Preloading),
            Middleware(StaticFiles),
            Middleware(Parcels),
        ],
    )
