"""The server's own hours: what it does before anybody comes, and when it is asked to stop."""

from __future__ import annotations

import gc
import importlib
import logging
import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import streamlit as st
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.pages_manager import PagesManager

import aecore.ui
from aecore.datasets import DatasetError
from aecore.runs import RunError
from aecore.service.folder_lock import FolderInUseError
from aecore.service.processors import keep_to_one_processor
from aecore.ui.engine.weights import parcel_of
from aecore.ui.log import spare_the_folders
from aecore.ui.memory_limits import be_thrifty
from aecore.ui.models import mnist, neighbour_index, open_model
from aecore.ui.open_files import allow_many_open_files
from aecore.ui.service import trainer
from aecore.ui.state import Visit
from aecore.ui.uploads import keep_few


@asynccontextmanager
async def opening_hours(_app: st.App) -> AsyncIterator[None]:
    """For `st.App`: what happens before and after it serves.

    Who comes too early waits, as long as this takes: a second or two.
    """
    obey_the_host()
    uploads = runtime.get_instance().uploaded_file_mgr
    if isinstance(uploads, MemoryUploadedFileManager):
        keep_few(uploads)
    prepare()
    yield
    with suppress(FolderInUseError):
        trainer().hand_over()


def obey_the_host() -> None:
    """Settings of the whole process: what it writes into its log, and what it takes of the host."""
    spare_the_folders()
    be_thrifty()
    allow_many_open_files()
    keep_to_one_processor()
    PagesManager.uses_pages_directory = False  # or the first visitor's first run is thrown away


def prepare() -> None:
    """Take up what an earlier server left, and fetch what the first visitor would wait for."""
    try:
        trainer()
    except FolderInUseError as error:  # the page Train says so, too, but not why
        logging.getLogger(__name__).warning("nothing can be trained: %s", error)
    for module in pkgutil.walk_packages(aecore.ui.__path__, "aecore.ui."):
        importlib.import_module(module.name)
    for part in ("ndimage", "spatial"):
        importlib.import_module(f"scipy.{part}")
    with suppress(DatasetError):  # every page that needs it says so
        mnist()
    for name in Visit().models:
        with suppress(RunError, DatasetError):
            open_model(name)
            neighbour_index(name)
            parcel_of(name)
    gc.collect()
    gc.freeze()  # all this stays: nobody need wait while the collector looks through it
