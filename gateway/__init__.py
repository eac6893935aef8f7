"""The home's side of the wire: dialects into care events, kept until the city's receipt."""
