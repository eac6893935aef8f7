"""Every detector, one file each; `ALL` is the list the engine runs."""
