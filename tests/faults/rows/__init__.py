"""One file for each family of faults; importing this fills the table."""

from tests.faults.rows import brokers, clocks, crowds, kills, load, people  # noqa: F401  # each enters its rows
