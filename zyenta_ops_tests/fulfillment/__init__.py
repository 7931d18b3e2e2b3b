"""Proof that fulfilment loses nothing and buys nothing twice, whatever dies and whenever."""
