"""The API under `/v1`: one table of actions; routes and OpenAPI document are made of it."""
