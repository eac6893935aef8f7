"""How hot humid air feels: sweat that does not dry cools nobody."""

from __future__ import annotations

FROM_C, TO_C = 26.7, 43.3
FROM_PCT = 40
"""Below, the heat index is not defined or is the air's own temperature within a degree (80-110 °F, 40 % and more)."""


def felt_c(temp_c: float, humidity_pct: float) -> float:
    """The heat index of air, never less than its temperature, °C; beyond the range of the formula the temperature.

    Rothfusz's regression with the adjustment for very humid air (National Weather Service, Technical Attachment SR
    90-23, 1990). A humidity that is not known is 0.
    """
    if not (FROM_C <= temp_c <= TO_C and humidity_pct >= FROM_PCT):
        return temp_c
    f, rh = temp_c * 1.8 + 32.0, float(humidity_pct)
    index = (
        -42.379
        + 2.04901523 * f
        + 10.14333127 * rh
        - 0.22475541 * f * rh
        - 6.83783e-3 * f * f
        - 5.481717e-2 * rh * rh
        + 1.22874e-3 * f * f * rh
        + 8.5282e-4 * f * rh * rh
        - 1.99e-6 * f * f * rh * rh
    )
    if rh > 85 and f < 87.0:
        index += (rh - 85.0) / 10.0 * (87.0 - f) / 5.0
    return max((index - 32.0) / 1.8, temp_c)
