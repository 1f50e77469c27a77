"""The pen's port: finding and opening it, which may take seconds, and what `core` may do with it. I/O."""

import threading
from collections.abc import Callable, Sequence

from firmware_protocol.discovery import candidate_urls
from firmware_protocol.enquiry import NoPen, enquire
from firmware_protocol.transport import LinkClosed, OpenFailed, Transport, open_transport


class OpenPort:
    """The open transport as `core` may use it."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.number = transport.fileno()  # a transport that closed itself has none any more
        self.closed = ""

    def write(self, data: bytes) -> bool:
        """All at once; False: the link is gone."""
        try:
            self.transport.write(data)
        except LinkClosed as error:
            self.closed = str(error)
            return False
        return True

    def abandon(self) -> None:
        """Drop DTR and close in a thread of its own: a driver may hang on either."""
        self.closed = "given up: the pen did not confirm STOP"
        threading.Thread(target=self._let_go, daemon=True).start()

    def _let_go(self) -> None:
        self.transport.drop_dtr()
        self.transport.close()


def open_pen(pen: str) -> Transport:
    """Opens `pen`, a URL, or with "auto" the first port at which a pen answers. Raises OpenFailed. May take seconds."""
    if pen != "auto":
        return open_transport(pen)
    return open_transport(find_pen(candidate_urls(), lambda url: enquire(url).url))


def find_pen(urls: Sequence[str], ask: Callable[[str], str]) -> str:
    """The first of `urls` at which a pen answers `ask`, the most likely first. Raises OpenFailed with what each said.

    A USB serial port may be anybody's: a printer must not be taken for the pen because it was plugged in first.
    """
    if not urls:
        raise OpenFailed("No pen found: no USB serial port is there. Plug the pen in, then search again.")
    said = []
    for url in urls:
        try:
            return ask(url)
        except (OpenFailed, NoPen) as error:
            said.append(str(error))
    raise OpenFailed("No pen found. " + " ".join(said))
