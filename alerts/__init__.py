"""The Care Call: case, policy, routing, rota, desk, bell, outbox, channels."""
