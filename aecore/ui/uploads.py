"""Files that visitors send: Streamlit holds them in memory until a visitor leaves; here, less."""

from __future__ import annotations

import threading

from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

from aecore.guarded.bounds import UPLOADS, UPLOADS_BYTES


def forget(file: UploadedFile) -> None:
    """Give a file's memory back, now that it was looked at."""
    context = get_script_run_ctx()
    manager = context.uploaded_file_mgr if context is not None else None
    if context is not None and isinstance(manager, MemoryUploadedFileManager):
        manager.remove_file(context.session_id, file.file_id)


def keep_few(manager: MemoryUploadedFileManager) -> None:
    """Make room for each new file by letting go of the oldest, whoever sent it."""
    add = manager.add_file
    lock = threading.Lock()
    held: dict[tuple[str, str], int] = {}

    def add_file(session_id: str, file: UploadedFileRec) -> None:
        with lock:
            for name in [name for name in held if not manager.get_files(name[0], name[1:])]:
                del held[name]
            held[session_id, file.file_id] = len(file.data)
            while len(held) > 1 and (sum(held.values()) > UPLOADS_BYTES or len(held) > UPLOADS):
                oldest = next(iter(held))
                del held[oldest]
                manager.remove_file(*oldest)
            add(session_id, file)

    manager.add_file = add_file  # type: ignore[method-assign]
