"""The roof: settings, wiring, command line."""
