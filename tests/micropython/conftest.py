"""Every test here needs Node and the interpreter: without them it is skipped, and says so."""

import pytest

from tests.micropython.interpreter import why_not


@pytest.fixture(autouse=True)
def _needs_micropython() -> None:
    reason = why_not()
    if reason:
        pytest.skip(reason)
