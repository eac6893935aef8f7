"""Gateways, lanes, cases and calls in one process and in virtual time, while everything around them fails."""
