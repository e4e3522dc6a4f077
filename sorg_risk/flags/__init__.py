"""The decision: law beside model, kept apart by type."""
