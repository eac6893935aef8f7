"""The care chain: from a Care Call to a service that is received, paid and judged."""
