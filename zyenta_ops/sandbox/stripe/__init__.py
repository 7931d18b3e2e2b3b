"""Stripe: payments, refunds, disputes, subscriptions, events and webhooks."""
