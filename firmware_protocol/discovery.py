"""Which ports could be a pen. With transport.py the only importer of pyserial."""

from serial.tools import list_ports


def candidate_urls() -> list[str]:
    """USB serial ports of this machine as URLs, in the order of their names. Whether a pen answers only HELLO tells."""
    return sorted(port.device for port in list_ports.comports() if port.vid is not None)
