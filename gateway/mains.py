"""Whether the box runs on mains or on its battery, as Linux says it in `/sys/class/power_supply`."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path("/sys/class/power_supply")


def on_mains(folder: Path = FOLDER) -> bool | None:
    """Whether any supply but a battery is on line; None: the box has none that says so.

    https://www.kernel.org/doc/Documentation/ABI/testing/sysfs-class-power
    """
    found = []
    for supply in folder.glob("*"):
        kind, online = _read(supply / "type"), _read(supply / "online")
        if kind != "Battery" and online is not None:
            found.append(online != "0")
    return any(found) if found else None


def _read(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError):
        return None
