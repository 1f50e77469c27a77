"""Which port is the pen's."""

import pytest

from firmware_protocol.enquiry import NoPen
from firmware_protocol.transport import OpenFailed
from pencontrol.control.port import find_pen


def test_the_first_port_that_answers_as_a_pen_is_taken_and_no_other_is_asked() -> None:
    asked = []

    def ask(url: str) -> str:
        asked.append(url)
        if url == "printer":
            raise NoPen("printer: nobody there speaks the pen link.")
        if url == "taken":
            raise OpenFailed("taken: another program is using this port; close it and try again.")
        return url

    assert find_pen(["printer", "taken", "pen", "other pen"], ask) == "pen"
    assert asked == ["printer", "taken", "pen"]


def test_no_pen_at_any_port_says_what_each_said() -> None:
    def ask(url: str) -> str:
        raise NoPen(f"{url}: nobody there speaks the pen link.")

    with pytest.raises(OpenFailed, match=r"No pen found\. a: nobody there speaks the pen link\. b: nobody"):
        find_pen(["a", "b"], ask)


def test_no_port_at_all_says_what_to_do() -> None:
    with pytest.raises(OpenFailed, match="Plug the pen in"):
        find_pen([], lambda url: url)
