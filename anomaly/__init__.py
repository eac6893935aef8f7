"""Events in, signals out. Pure: no I/O, no clock."""
