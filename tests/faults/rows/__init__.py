"""One file for each family of faults; importing this fills the table."""

from tests.faults.rows import database, disk, kills, migrations, poison  # noqa: F401  # each enters its rows
