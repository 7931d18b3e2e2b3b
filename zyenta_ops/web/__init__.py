"""The HTTP edge: prove, record, answer. The work itself is done elsewhere.

`app` puts together what `receiving` (hooks), `api` and `health` answer; `serving` runs it.
"""
