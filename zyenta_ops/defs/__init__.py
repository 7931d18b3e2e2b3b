"""The only Dagster."""
