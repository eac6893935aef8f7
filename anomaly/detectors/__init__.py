"""Every detector, one file each; `ALL` is the list the engine runs."""

from anomaly.detector import Detector
from anomaly.detectors.absence import Absence
from anomaly.detectors.ceiling import Ceiling
from anomaly.detectors.climate import Climate
from anomaly.detectors.dark import Dark
from anomaly.detectors.device import Device
from anomaly.detectors.drift import Drift
from anomaly.detectors.habit import Habit
from anomaly.detectors.mute import Mute
from anomaly.detectors.outage import Outage
from anomaly.detectors.pacing import Pacing
from anomaly.detectors.wandering import Wandering

# Who is out, who can't be seen and what may be broken stand before those that ask for it.
ALL: tuple[Detector, ...] = (
    Absence(),
    Dark(),
    Outage(),
    Mute(),
    Ceiling(),
    Habit(),
    Wandering(),
    Pacing(),
    Climate(),
    Device(),
    Drift(),
)
