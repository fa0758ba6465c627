"""What is costly to make, made once and shared by all visitors.

`st.cache_resource` does the same, but takes 0.2 ms to find what it has: it hashes the arguments and
inspects the function anew. A page with six models asks for some twenty things at every stroke.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Shared(Generic[Made]):
    """A function that remembers its last `most` answers; who asks for one in the making, waits."""

    def __init__(self, make: Callable[..., Made], most: int) -> None:
        self._make, self._most = make, most
        self._answers: OrderedDict[tuple[Hashable, ...], Future[Made]] = OrderedDict()
        self._lock = Lock()

    def __call__(self, *arguments: Hashable) -> Made:
        """The answer for these arguments. Raises what making it raised, and forgets that."""
        with self._lock:
            answer = self._answers.get(arguments)
            if is_new := answer is None:
                answer = self._answers[arguments] = Future()
                if len(self._answers) > self._most:
                    self._answers.popitem(last=False)
            self._answers.move_to_end(arguments)
        if is_new:
            try:
                answer.set_result(self._make(*arguments))
            except BaseException as error:  # noqa: BLE001 - raised again, for everybody who waits
                with self._lock:
                    self._answers.pop(arguments, None)
                answer.set_exception(error)
        return answer.result()

    def clear(self) -> None:
        """Forget all answers."""
        with self._lock:
            self._answers.clear()


def shared(most: int) -> Callable[[Callable[..., Made]], Shared[Made]]:
    """Make a function's last `most` answers serve all visitors; its arguments tell them apart."""
    return lambda make: Shared(make, most)
