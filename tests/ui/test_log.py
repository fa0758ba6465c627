"""What the log says of the host."""

from __future__ import annotations

import pytest

from aecore.ui.log import without_folders


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('File "/srv/lab/aecore/ui/state.py", line 3', 'File "…/ui/state.py", line 3'),
        (r'File "C:\Users\me\lab\aecore\runs.py", line 3', r'File "…\aecore\runs.py", line 3'),
        ("No such file: '/home/me/runs/abc/stop'", "No such file: '…/abc/stop'"),
        ("https://docs.streamlit.io/ for hints", "https://docs.streamlit.io/ for hints"),
        ("1/2 of /all", "1/2 of /all"),
    ],
)
def test_folders_are_left_out(text: str, expected: str) -> None:
    assert without_folders(text) == expected
