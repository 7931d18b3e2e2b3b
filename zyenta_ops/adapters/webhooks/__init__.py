"""Deliveries to our endpoints, proven on their bytes: pure functions, one scheme per source.

`stripe` is the payment provider's, `suppliers` those of suppliers with an API, `trackers` those of
services that follow parcels, `proof` what they share.
"""
