"""How large a target a zone is, and how far the map must be enlarged for a gloved finger. Knows numpy only."""

import numpy as np
import numpy.typing as npt

TARGET_MM = 15.0  # the side of a target
NARROW_MM = 7.5  # of a zone that is a strip: half a target across, for within 5 mm of a miss it is found as well
LEAST, MOST = 1.5, 4.0  # times; less is not worth a tap

Mask = npt.NDArray[np.bool_]


def inscribed_px(mask: Mask) -> int:
    """Side of the largest square of pixels that lies inside `mask`."""
    total = np.zeros((mask.shape[0] + 1, mask.shape[1] + 1), dtype=np.int64)
    total[1:, 1:] = mask.cumsum(0).cumsum(1)
    low, high = 0, min(mask.shape)
    while low < high:
        side = (low + high + 1) // 2
        inside = total[side:, side:] - total[:-side, side:] - total[side:, :-side] + total[:-side, :-side]
        if inside.max() == side * side:
            low = side
        else:
            high = side - 1
    return low


def enlargement_for_pins(area_px: int, pins: int, nearest_px: float, px_per_mm: float) -> float:
    """1.0 when a zone of `area_px` has room for `pins` targets and one of its own, and the nearest two pins (`nearest_px` apart,
    infinite for one) are a target apart; else how many times it must grow."""
    if not pins or area_px <= 0:
        return 1.0
    side_mm = area_px**0.5 / px_per_mm
    need = max(TARGET_MM * (pins + 1) ** 0.5 / side_mm, TARGET_MM * px_per_mm / max(nearest_px, 0.1))
    return 1.0 if need <= 1.0 else min(max(need * 1.04, LEAST), MOST)


def enlargement(mask: Mask, px_per_mm: float) -> float:
    """1.0 when the zone under `mask` is a target already, else how many times it must grow. An empty mask needs nothing."""
    area = int(mask.sum())
    if area == 0:
        return 1.0
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    across_mm, side_mm = inscribed_px(box) / px_per_mm, area**0.5 / px_per_mm
    need = max(NARROW_MM / max(across_mm, 0.1), TARGET_MM / side_mm)
    return 1.0 if need <= 1.0 else min(max(need * 1.04, LEAST), MOST)
