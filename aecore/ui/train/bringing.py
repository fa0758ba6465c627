"""Bringing weights back: the uploader, and one sentence for every file that is not taken."""

from __future__ import annotations

import json

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from aecore.networks import ARCHITECTURES
from aecore.service.refusals import RefusedError
from aecore.takehome.bringing import spec_of_brought
from aecore.takehome.safetensors import Flaw, WeightsError
from aecore.ui.language import _
from aecore.ui.train.wishes import ask_for, refusal_words
from aecore.ui.uploads import forget

_OPEN, _NETWORK = "bring_back", "brought_network"
_COUNT, _NOT_TAKEN = "brought_count", "not_taken"
_LONGEST_NAME = 40


def bring_back() -> None:
    """A button that opens the uploader; says there why, if the last file was not taken."""
    with st.popover(
        _("Bring it back"), icon=":material/upload_file:", key=_OPEN, on_change="rerun"
    ) as opened:
        if opened.open:
            _uploader()


def _uploader() -> None:
    st.markdown(
        _(
            "Trained at home? The script wrote `weights.safetensors` into the folder that it ran "
            "in. Bring it, and the lab measures it on the test images and shows it on every page, "
            "beside the others."
        )
    )
    st.selectbox(
        _("Its network"),
        ["", *ARCHITECTURES],
        format_func=_network_title,
        key=_NETWORK,
    )
    _say_in_the_visitors_language()
    key = f"brought_{st.session_state.setdefault(_COUNT, 0)}"
    with st.container(key="bring"):
        st.file_uploader(
            _("Your file, up to {megabytes} MB").format(megabytes=_megabytes()),
            key=key,
            on_change=_take,
            args=(key,),
        )
    sentence = st.session_state.pop(_NOT_TAKEN, "")
    if sentence:
        st.warning(sentence)


def _say_in_the_visitors_language() -> None:
    """Streamlit's uploader speaks English only; the style sheet puts these words in its place."""
    choose = json.dumps(_("Choose a file"), ensure_ascii=False)
    refused = json.dumps(
        _("Not sent: it is larger than {megabytes} MB, or the way to the server failed.").format(
            megabytes=_megabytes()
        ),
        ensure_ascii=False,
    )
    st.html(f"<style>.st-key-bring {{ --choose: {choose}; --refused: {refused}; }}</style>")


def _network_title(name: str) -> str:
    return _(ARCHITECTURES[name].title) if name else _("As the file says")


def _megabytes() -> int:
    """The bound on uploads in millions of bytes, as browsers and visitors count them.

    The server itself counts them in 2**20 bytes, and so takes a little more.
    """
    return int(st.get_option("server.maxUploadSize"))


def _take(key: str) -> None:
    """Ask for the file's run. The file itself is forgotten at once, taken or not."""
    file = st.session_state[key]
    st.session_state[_COUNT] += 1  # an empty uploader takes the place of this one
    if isinstance(file, UploadedFile):
        sentence = _bring(file.name, file.getvalue())  # the bytes themselves, not a copy
        forget(file)
    else:
        sentence = _("The file did not arrive whole. Choose it once more.")
    st.session_state[_NOT_TAKEN] = sentence
    st.session_state[_OPEN] = bool(sentence)


def _bring(name: str, content: bytes) -> str:
    """Make a run of the file and watch it; a sentence if it is not taken."""
    if not name.lower().endswith(".safetensors"):
        why = _(
            "only files that end in .safetensors are opened here: they hold nothing but numbers, "
            "while Keras files and pickles can hold program code"
        )
        return _not_taken(name, why)
    chosen = st.session_state[_NETWORK]
    try:
        ask_for(spec_of_brought(memoryview(content), chosen), content)
    except WeightsError as error:
        return _not_taken(name, _why(error))
    except RefusedError as error:
        return refusal_words(error)
    return ""


def _not_taken(name: str, why: str) -> str:
    shown = name.replace("`", "")[-_LONGEST_NAME:]
    return _("`{file}` is not taken: {why}.").format(file=shown, why=why)


def _why(error: WeightsError) -> str:
    """What is wrong with a file, for its owner to set right."""
    reasons: dict[Flaw, str] = {
        "too_large": _("it is larger than the largest network here"),
        "too_short": _("it ends in the middle of its header, so a part of it is missing"),
        "header_too_long": _(
            "its first eight bytes announce a header longer than any network's here, so it is no "
            "safetensors file, whatever its name says"
        ),
        "no_json": _("its header is not the JSON that safetensors prescribes"),
        "duplicate": _("its header names the same array twice"),
        "unknown": _(
            "its layers are those of no network here; only what the lab's scripts build fits in"
        ),
        "names": _(
            "{array} is missing or one too many, so these are the layers of another network"
        ),
        "type": _("the numbers of {array} are not of the type F32, 32-bit floats"),
        "empty": _("{array} holds no numbers: one side of its shape is 0"),
        "shape": _("{array} has the shape that it has in another network"),
        "ranges": _("its arrays overlap, or leave a gap between them"),
        "length": _("it is longer or shorter than its header says"),
        "not_finite": _("{array} holds NaN or infinity, so its training went wrong"),
    }
    array = "".join(letter for letter in error.detail if letter.isalnum() or letter in "._")
    return reasons[error.flaw].format(array=f"`{array}`" if array else _("an array"))
