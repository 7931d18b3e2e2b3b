"""Payment providers: their wire formats on one side, payment facts on the other."""
