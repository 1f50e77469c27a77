"""Unpacks one zstandard frame that may come from a damaged or forged file. Pure."""

import zstandard


def unzip(data: bytes, limit: int, by: zstandard.ZstdDecompressor | None = None) -> bytes:
    """What was packed, at most `limit` bytes. Raises zstandard.ZstdError or ValueError: damaged, larger, or more than a frame.

    `by`: for whoever has many, as making one takes as long as a short frame. A frame says itself how much it holds, and the
    library makes room for that before it looks: so it is asked first.
    """
    told = zstandard.frame_content_size(data)
    if told > limit:
        raise ValueError(f"it says that it holds {told} bytes, allowed are {limit}")
    return (by or zstandard.ZstdDecompressor()).decompress(data, max_output_size=limit, allow_extra_data=False)
