"""Features by family: every module here has a tuple ``FEATURES``, found without being listed anywhere."""
