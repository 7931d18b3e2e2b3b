"""A world of fake counterparties over real HTTP; imports nothing of ours."""
