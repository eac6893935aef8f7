"""The databases: tables, event log, telemetry, people."""
