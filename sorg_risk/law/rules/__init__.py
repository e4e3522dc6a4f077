"""law/rules."""
