"""One file for each family of faults; importing this fills the table."""

from tests.faults.rows import (  # noqa: F401  # each enters its rows
    backups,
    brokers,
    clocks,
    crowds,
    database,
    disk,
    kills,
    load,
    migrations,
    network,
    people,
    poison,
    simulated,
)
