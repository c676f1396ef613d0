"""Who was merged by hand is shown under the number that counts now, from the next round on."""

from __future__ import annotations

import pytest

from sinks.renaming import renamed
from tests.builders import box, frame_result


@pytest.mark.parametrize(
    ("shown", "names", "after"),
    [
        pytest.param([], {2: 1}, [], id="nobody-in-view"),
        pytest.param([2, 3], {}, [2, 3], id="nothing-by-hand"),
        pytest.param([2, 3], {2: 1}, [1, 3], id="one-of-two"),
        pytest.param([0, 0, 2], {2: 1}, [0, 0, 1], id="who-is-not-identified-stays-so"),
        pytest.param([1, 2], {2: 1}, [1, 0], id="no-number-twice-in-a-frame"),
    ],
)
def test_renamed(shown: list[int], names: dict[int, int], after: list[int]) -> None:
    result = frame_result([box(50.0 * row) for row in range(len(shown))], range(1, len(shown) + 1), shown)
    assert renamed(result, names).global_ids.tolist() == after
